"""What the methods of `handlers.account` take: forms that a person fills in, with all that is wrong named at once."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from models.account import profile_rules, rules
from server.kernel.rpc import Day, Params, Rev, Text

Value = TypeVar("Value")

EMAIL_ELSEWHERE = "The e-mail address is not changed here: ask for it with auth.email.change.request."
ROLE_ELSEWHERE = "Roles are not changed here: onboarding offers job_seeker and employer, an admin grants the others."


MUCH = 512
"""The longest text that is looked at at all, where a rule has a limit and a text of its own."""


def kept(faults: Callable[[Value], Sequence[str]]) -> AfterValidator:
    """A validator out of a rule that gives texts for what is wrong."""

    def check(value: Value) -> Value:
        if found := faults(value):
            raise PydanticCustomError("rule", "{text}", {"text": " ".join(found)})
        return value

    return AfterValidator(check)


def _refused(text: str) -> BeforeValidator:
    def refuse(_value: object) -> object:
        raise PydanticCustomError("rule", "{text}", {"text": text})

    return BeforeValidator(refuse)


def _part_of_name(name: str) -> list[str]:
    return rules.name_faults(name, shortest=1)


def _old_enough(born: date) -> list[str]:
    return rules.age_faults(born, datetime.now(UTC).date())


def _or_null(text: str) -> str | None:
    return text or None


FullName = Annotated[str, Text(max=MUCH), AfterValidator(rules.clean_name), kept(rules.name_faults)]
PartOfName = Annotated[str, Text(max=MUCH), AfterValidator(rules.clean_name), kept(_part_of_name)]
Username = Annotated[str, Text(max=MUCH), AfterValidator(rules.clean_username), kept(rules.username_faults)]
DateOfBirth = Annotated[Day, kept(_old_enough)]
Phone = Annotated[str, Text(max=MUCH), AfterValidator(profile_rules.clean_phone), kept(profile_rules.phone_faults)]
Timezone = Annotated[str, Text(max=MUCH), kept(profile_rules.timezone_faults)]
Locale = Annotated[str, Text(max=MUCH), kept(profile_rules.locale_faults), AfterValidator(profile_rules.clean_locale)]
Url = Annotated[str, Text(max=profile_rules.URL_MAX), kept(profile_rules.url_faults)]
Line = Annotated[str, Text(max=MUCH), AfterValidator(profile_rules.clean_line), kept(profile_rules.line_faults)]
Headline = Annotated[Line, Text(max=profile_rules.HEADLINE_MAX), AfterValidator(_or_null)]
Location = Annotated[Line, Text(max=profile_rules.LOCATION_MAX), AfterValidator(_or_null)]
Bio = Annotated[
    str, AfterValidator(profile_rules.clean_line), Text(max=profile_rules.BIO_MAX), AfterValidator(_or_null)
]
NotEmail = SkipJsonSchema[Annotated[Any, _refused(EMAIL_ELSEWHERE)]]
NotRole = SkipJsonSchema[Annotated[Any, _refused(ROLE_ELSEWHERE)]]


class Link(Params):
    """A page of the person's elsewhere; `url` begins with https:// or http://."""

    label: Annotated[Line, Text(max=profile_rules.LABEL_MAX, min=1)]
    url: Url


class UpdateProfile(Params):
    """What to change; what is left out stays.

    A name is `full_name`, or `first_name`, `last_name` or both. Null takes away what may be missing, and leaves names,
    `timezone`, `locale` and `links` as they are.
    """

    full_name: FullName | None = None
    first_name: PartOfName | None = None
    last_name: PartOfName | None = None
    username: Username | None = None
    date_of_birth: DateOfBirth | None = None
    headline: Headline | None = None
    bio: Bio | None = None
    phone: Phone | None = None
    location: Location | None = None
    timezone: Timezone | None = None
    locale: Locale | None = None
    links: Annotated[list[Link], Field(max_length=profile_rules.LINKS_MAX)] | None = None
    if_rev: Rev | None = None
    email: NotEmail = None
    role: NotRole = None
    roles: NotRole = None

    def given(self) -> dict[str, Any]:
        """The members to change, by the columns' names."""
        may_be_null = {"username", "date_of_birth", "headline", "bio", "phone", "location"}
        values = self.model_dump(exclude_unset=True, exclude={"if_rev"})
        return {name: value for name, value in values.items() if value is not None or name in may_be_null}


Audience = Literal["nobody", "contacts", "everybody"]


class UpdatePrivacy(Params):
    """Who sees what; what is left out stays."""

    email: Audience | None = None
    profile: Audience | None = None
    presence: bool | None = None


class UpdatePreferences(Params):
    """What to change; what is left out, or null, stays."""

    privacy: UpdatePrivacy = UpdatePrivacy()
    locale: Locale | None = None
    theme: Literal["system", "light", "dark"] | None = None

    def given(self) -> dict[str, Any]:
        """The members to change, by the columns' names."""
        values = {
            "email_visible_to": self.privacy.email,
            "profile_visible_to": self.privacy.profile,
            "presence_visible": self.privacy.presence,
            "locale": self.locale,
            "theme": self.theme,
        }
        return {name: value for name, value in values.items() if value is not None}
