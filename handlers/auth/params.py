"""What the methods of `handlers.auth` take: forms that a person fills in, with all that is wrong named at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from models.account import rules
from models.errors import Invalid
from models.kit.text import utf16_length
from server.kernel.rpc import Day, Params, Text
from server.kernel.validation import details_of

Value = TypeVar("Value")

FIRST_STEP = ("email", "username", "password")
NOT_WITH_CHALLENGE = "This does not go with a challenge."
MUCH = 512


def kept(faults: Callable[[Value], Sequence[str]]) -> AfterValidator:
    """A validator out of a rule that gives any number of texts."""

    def check(value: Value) -> Value:
        found = [
            InitErrorDetails(type=PydanticCustomError("rule", "{text}", {"text": text}), input=None)
            for text in faults(value)
        ]
        if found:
            raise ValidationError.from_exception_data("value", found)
        return value

    return AfterValidator(check)


def _part_of_name(name: str) -> list[str]:
    return rules.name_faults(name, shortest=1)


def _old_enough(born: date) -> list[str]:
    return rules.age_faults(born, datetime.now(UTC).date())


def _given(text: str) -> list[str]:
    return [] if text else [rules.REQUIRED]


Email = Annotated[str, Text(max=MUCH), AfterValidator(str.strip), kept(rules.email_faults)]
NewPassword = Annotated[str, Text(max=MUCH), kept(rules.password_faults)]
Password = Annotated[str, kept(_given), Text(max=rules.PASSWORD_MAX)]
FullName = Annotated[str, Text(max=MUCH), AfterValidator(rules.clean_name), kept(rules.name_faults)]
PartOfName = Annotated[str, Text(max=MUCH), AfterValidator(rules.clean_name), kept(_part_of_name)]
NewUsername = Annotated[str, Text(max=MUCH), AfterValidator(rules.clean_username), kept(rules.username_faults)]
Token = Annotated[str, kept(_given), Text(max=200)]
Code = Annotated[str, AfterValidator(str.strip), kept(_given), Text(max=40)]


DateOfBirth = Annotated[Day, kept(_old_enough)]


class Form(Params):
    """Params whose REST answer, where something is wrong, has the seeds' title and detail."""

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        details: dict[str, list[str]] = {}
        try:
            form = handler(data)
        except ValidationError as error:
            details = details_of(error)
        for field, text in cls.faults_across(data if isinstance(data, dict) else {}):
            details.setdefault(field, []).append(text)
        if details:
            differ_only = list(details.values()) == [[rules.PASSWORDS_DIFFER]]
            detail = rules.PASSWORDS_DIFFER if differ_only else "Invalid input data."
            raise Invalid(details, title="Validation failed", detail=detail)
        return form

    @classmethod
    def faults_across(cls, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:  # noqa: ARG003 - for subclasses
        """What is wrong between fields, whether or not each by itself is right."""
        return iter(())


class SignupParams(Form):
    """Who signs up. A name is `full_name`, or `first_name` and `last_name`, or else the `username` stands for it."""

    email: Email
    password: NewPassword = Field(repr=False)
    confirm_password: Annotated[str, Text(max=MUCH)] | None = Field(None, repr=False)
    full_name: FullName | None = None
    first_name: PartOfName | None = None
    last_name: PartOfName | None = None
    username: NewUsername | None = None
    date_of_birth: DateOfBirth | None = None
    is_employer: bool = False
    is_job_seeker: bool = False

    @classmethod
    def faults_across(cls, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The repeated password, and a name in one of its three forms."""
        if data.get("confirm_password") is not None and data["confirm_password"] != data.get("password"):
            yield "confirm_password", rules.PASSWORDS_DIFFER
        yield from _personal(data)
        if data.get("full_name") is not None:
            return
        parts = {part: data.get(part) for part in ("first_name", "last_name")}
        if all(value is None for value in parts.values()):
            if data.get("username") is None:
                yield "full_name", rules.REQUIRED
            return
        for part, value in parts.items():
            if value is None:
                yield part, rules.REQUIRED
        if all(isinstance(value, str) for value in parts.values()):
            together = rules.clean_name(f"{parts['first_name']} {parts['last_name']}")
            if utf16_length(together) > rules.NAME_MAX:
                yield "last_name", f"First and last name together have at most {rules.NAME_MAX} characters."

    @property
    def name(self) -> str:
        """The full name that is kept."""
        if self.full_name is not None:
            return self.full_name
        if self.first_name is not None and self.last_name is not None:
            return f"{self.first_name} {self.last_name}"
        return self.username or ""

    @property
    def roles(self) -> list[str]:
        """The roles that everybody may choose."""
        chosen = {"employer": self.is_employer, "job_seeker": self.is_job_seeker}
        return [role for role, wanted in chosen.items() if wanted]


def _personal(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A password with the name or the address of who signs up in it."""
    known = ("password", "email", "full_name", "first_name", "last_name", "username")
    password, email, *names = (_short_text(data.get(name)) for name in known)
    if rules.personal_faults(password, email, " ".join(filter(None, names))):
        yield "password", rules.PASSWORD_PERSONAL


def _short_text(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MUCH else ""


class LoginParams(Form):
    """Who logs in: an address or a username, with the password. Then perhaps the challenge, with a code."""

    email: Email | None = None
    username: Annotated[str, kept(_given), Text(max=rules.USERNAME_MAX * 4)] | None = None
    password: Password | None = Field(None, repr=False)
    challenge: Token | None = Field(None, repr=False)
    code: Code | None = Field(None, repr=False)

    @classmethod
    def faults_across(cls, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What the first step needs, or the second."""
        if data.get("challenge") is not None:
            yield from ((name, NOT_WITH_CHALLENGE) for name in FIRST_STEP if data.get(name) is not None)
            if data.get("code") is None:
                yield "code", rules.REQUIRED
            return
        if data.get("email") is None and data.get("username") is None:
            yield "email", rules.REQUIRED
        if data.get("password") is None:
            yield "password", rules.REQUIRED
        if data.get("code") is not None:
            yield "challenge", rules.REQUIRED

    @property
    def canonical(self) -> str:
        """What stands for an account that does not exist, where guesses at it are counted."""
        return rules.canonical_email(self.email) if self.email else rules.canonical_username(self.username or "")


class RefreshParams(Form):
    """A refresh token."""

    refresh_token: Token = Field(repr=False)
