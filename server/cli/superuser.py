"""`python -m server create-superuser`: the first admin, and every one after whom nobody would have granted the role."""

import getpass
import os
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass

from handlers.auth.params import SignupParams
from models.account import PASSWORDS, User, rules
from models.account.administration import ADMIN, create_admin, make_admin
from models.account.users import NewUser
from models.errors import Conflict, DomainError, Invalid, NotFound
from server.compose.core import Core
from server.kernel.validation import validate

COMMAND = "create-superuser"
PASSWORD_VARIABLE = "SUPERUSER_PASSWORD"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom the operator wants to be an admin; an existing account needs no more than its address."""

    email: str
    full_name: str = ""
    password: str = ""
    existing: bool = False

    @classmethod
    def asked(cls, options: Namespace) -> "Wanted":
        """What the options say; who sits at a terminal is asked for the rest. Raises Invalid."""
        at_terminal = sys.stdin.isatty()
        email = options.email or (input("E-mail address: ") if at_terminal else "")
        if options.existing:
            return cls(email, existing=True)
        full_name = options.name or (input("Full name: ") if at_terminal else "")
        return cls(email, full_name, _typed_twice() if at_terminal else _handed_over())


def _handed_over() -> str:
    """The password, from the environment or the first line of what is piped in: never an argument, which others see."""
    given = os.environ.get(PASSWORD_VARIABLE)
    return given if given is not None else sys.stdin.readline().rstrip("\r\n")


def _typed_twice() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise Invalid({"password": [rules.PASSWORDS_DIFFER]})
    return password


def add_arguments(parser: ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--email", help="the address; asked for at a terminal")
    parser.add_argument("--name", help="the full name; asked for at a terminal")
    parser.add_argument("--existing", action="store_true", help="make an account that there is an admin")


async def make(core: Core, wanted: Wanted) -> str:
    """See to it that there is such an admin; returns what was done.

    Doing it again changes nothing. Raises Invalid where a field breaks the rules of signing up, Conflict when there is
    such an account that is no admin and `existing` was not said, NotFound when it was said and there is none.
    """
    canonical = rules.canonical_email(wanted.email) if wanted.existing else _checked(wanted)
    known = await User.get_or_none(email_canonical=canonical)
    if known is not None and ADMIN in known.roles:
        return f"{known.email} is an admin already."
    if wanted.existing:
        return await _promoted(core, known)
    if known is not None:
        raise Conflict("There is an account with this address; --existing makes it an admin.")
    hashed = await PASSWORDS.hash(wanted.password)
    new = NewUser(wanted.email, rules.clean_name(wanted.full_name), hashed, roles=[ADMIN])
    user = await core.operate(COMMAND, lambda work: create_admin(work, new))
    return f"{user.email} is an admin now, and can log in."


async def _promoted(core: Core, known: User | None) -> str:
    if known is None:
        raise NotFound("There is no account with this address.")
    user = await core.operate(COMMAND, lambda work: make_admin(work, known.id))
    return f"{user.email} is an admin now."


def _checked(wanted: Wanted) -> str:
    given = {"email": wanted.email, "full_name": wanted.full_name, "password": wanted.password}
    params = validate(SignupParams, {name: value for name, value in given.items() if value})
    assert isinstance(params, SignupParams)
    return rules.canonical_email(params.email)


def told(error: DomainError) -> str:
    """A refusal as the operator reads it: a line for each field that is wrong."""
    details = error.data.get("details", {})
    lines = [f"{field.removeprefix('full_')}: {text}" for field, texts in details.items() for text in texts]
    return "\n".join(lines) or error.message
