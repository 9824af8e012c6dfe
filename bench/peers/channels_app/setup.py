"""Configures Django from the arguments of the process, and makes the table with what it has to hold."""

from argparse import Namespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import django
from django.conf import settings


def database_settings(url: str) -> dict[str, Any]:
    """Turn the URL of PostgreSQL into Django's form of it."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": query.get("port", str(parts.port or "")),
        "CONN_MAX_AGE": None,
    }


def configure(options: Namespace) -> None:
    """Set up Django with what the process was given: with neither URL it only echoes."""
    layer = {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [options.redis]}}
    settings.configure(
        DEBUG=False,
        SECRET_KEY="only-for-the-benchmark",
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["channels", "channels_app"],
        DATABASES={"default": database_settings(options.database)} if options.database else {},
        CHANNEL_LAYERS={"default": layer} if options.redis else {},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    django.setup()


def prepare_table(receivers: int, messages: int) -> None:
    """Make the table if it is not there, and give every receiver that many messages anew where any are wanted."""
    from django.db import connection  # noqa: PLC0415

    from channels_app.models import Message  # noqa: PLC0415 models can be imported only after the set-up

    if Message._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001
        with connection.schema_editor() as editor:
            editor.create_model(Message)
    wanted = receivers * messages
    if wanted and Message.objects.count() != wanted:
        Message.objects.all().delete()
        rows = (
            Message(sender_id=0, receiver_id=receiver, content=f"Message number {number} that was missed")
            for number in range(messages)
            for receiver in range(receivers)
        )
        Message.objects.bulk_create(rows, batch_size=1000)
    connection.close()
