"""What a person says of themselves, and who may see it: columns of the person's row, under its lock and `rev`.

They are columns rather than a table of their own, because events about a person are made under the lock of that row.
"""

from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.contacts import CONTACTS, EVERYBODY


class ProfileColumns(Model):
    """The profile's part of `User`.

    Attributes:
        links: Objects with `label` and `url`.
        email_visible_to: Nobody, contacts or everybody.
        profile_visible_to: The same; the name is shown to everybody.
        presence_visible: Whether contacts see when the person is there.
    """

    headline = fields.CharField(max_length=120, null=True)
    bio = fields.TextField(null=True)
    phone = fields.CharField(max_length=16, null=True)
    location = fields.CharField(max_length=100, null=True)
    timezone = fields.CharField(max_length=64, default="UTC")
    locale = fields.CharField(max_length=35, default="en")
    links: list[dict[str, Any]] = fields.JSONField(default=list)
    theme = fields.CharField(max_length=16, default="system")
    email_visible_to = fields.CharField(max_length=16, default=CONTACTS)
    profile_visible_to = fields.CharField(max_length=16, default=EVERYBODY)
    presence_visible = fields.BooleanField(default=True)

    class Meta:
        abstract = True
