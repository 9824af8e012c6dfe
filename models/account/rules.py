"""What names, addresses, passwords and dates of birth have to be like. Pure functions over values.

`*_faults` give the texts for all that is wrong, an empty list when nothing is. The others bring a value into the form
in which it is kept or compared.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from models.account.common_passwords import is_common
from models.kit.text import JOINERS, is_ignorable
from models.kit.text import utf16_length as length

REQUIRED = "This field is required."
PASSWORDS_DIFFER = "Passwords do not match."
PASSWORD_COMMON = "This password is too common."  # noqa: S105 - a text
PASSWORD_PERSONAL = "A password must not contain your name or e-mail address."  # noqa: S105 - a text
PASSWORD_MIN, PASSWORD_MAX = 8, 128
NAME_MIN, NAME_MAX = 2, 50
EMAIL_MAX = 254
USERNAME_MIN, USERNAME_MAX = 3, 30
MINIMUM_AGE = 13
SHORTEST_PERSONAL = 4
"""Shorter parts of a name stand in many words."""

_NAME_MARKS = " .'’-·\u200c\u200d"
"""What stands between the letters of names: U+00B7 in Catalan, the joiners in Persian and the languages of India."""
RESERVED = frozenset(
    {
        *(
            "about",
            "account",
            "admin",
            "administrator",
            "api",
            "billing",
            "contact",
            "everybody",
            "help",
            "info",
            "login",
        ),
        *("logout", "me", "mod", "moderator", "nexa", "nobody", "null", "official", "postmaster", "root", "security"),
        *(
            "settings",
            "signup",
            "staff",
            "superuser",
            "support",
            "sysadmin",
            "system",
            "undefined",
            "user",
            "webmaster",
        ),
    }
)
_USERNAME = re.compile(r"[^\W_][\w.-]*")

_PASSWORD_PARTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("uppercase letter", str.isupper),
    ("lowercase letter", str.islower),
    ("digit", str.isdecimal),
    ("special character", lambda character: unicodedata.category(character)[0] in "PS"),
)


def password_faults(password: str) -> list[str]:
    """What a new password lacks. A text that is far too long is not looked through."""
    if not password:
        return [REQUIRED]
    if length(password) > PASSWORD_MAX:
        return [f"Password must contain at most {PASSWORD_MAX} characters"]
    faults = [
        f"Password must contain at least one {part}" for part, fits in _PASSWORD_PARTS if not any(map(fits, password))
    ]
    if length(password) < PASSWORD_MIN:
        faults.insert(0, f"Password must contain at least {PASSWORD_MIN} characters")
    return faults or [PASSWORD_COMMON] * is_common(unicodedata.normalize("NFKC", password))


def personal_faults(password: str, email: str, name: str) -> list[str]:
    """Whether a new password holds what everybody knows of its owner."""
    plain = _folded(password)
    known = [email.strip().rpartition("@")[0], name.replace(" ", ""), *re.split("[ .'’-]", name)]
    parts = (_folded(part) for part in known if len(part) >= SHORTEST_PERSONAL)
    return [PASSWORD_PERSONAL] if any(part in plain for part in parts) else []


def clean_name(name: str) -> str:
    """A name as it is kept: composed characters, no spaces around it, single ones within."""
    return re.sub("[ \u00a0]+", " ", unicodedata.normalize("NFC", name)).strip(" " + JOINERS)


def name_faults(name: str, *, shortest: int = NAME_MIN) -> list[str]:
    """What is wrong with a name of a person, which is clean already."""
    if not name:
        return [REQUIRED]
    if length(name) > NAME_MAX or (length(name) < shortest and not _is_whole(name)):
        return [f"A name has {shortest} to {NAME_MAX} characters."]
    if not all(map(_is_of_name, name)):
        return ["A name contains only letters, spaces, periods, apostrophes and hyphens."]
    if not any(map(str.isalpha, name)):
        return ["A name contains at least one letter."]
    return []


def _is_of_name(character: str) -> bool:
    return character in _NAME_MARKS or (unicodedata.category(character)[0] in "LM" and not is_ignorable(character))


def _is_whole(name: str) -> bool:
    """Whether one character is a name by itself, as in Chinese, Japanese and Korean."""
    return unicodedata.category(name) == "Lo" and unicodedata.east_asian_width(name) == "W"


def split_name(full_name: str) -> tuple[str, str]:
    """First and last name: what stands before and after the last space; the last name of a single word is empty."""
    first, space, last = full_name.rpartition(" ")
    return (first, last) if space else (last, "")


def clean_username(username: str) -> str:
    """A username as it is shown."""
    return unicodedata.normalize("NFKC", username).strip()


def canonical_username(username: str) -> str:
    """What two usernames have in common when they are the same one."""
    return _folded(clean_username(username))


def username_faults(username: str) -> list[str]:
    """What is wrong with a new username, which is clean already."""
    if not username:
        return [REQUIRED]
    if not USERNAME_MIN <= length(username) <= USERNAME_MAX:
        return [f"A username has {USERNAME_MIN} to {USERNAME_MAX} characters."]
    if not _USERNAME.fullmatch(username):
        return ["A username begins with a letter or digit and contains only these, periods, hyphens and underscores."]
    if canonical_username(username) in RESERVED:
        return ["This username is reserved. Please choose another one."]
    return []


def email_faults(email: str) -> list[str]:
    """What is wrong with an e-mail address."""
    if not email.strip():
        return [REQUIRED]
    if len(email) > EMAIL_MAX:
        return ["This e-mail address is too long."]
    try:
        canonical = _canonical(_read(email))
    except EmailNotValidError:
        return ["This is not a valid e-mail address."]
    return [] if len(canonical) <= EMAIL_MAX else ["This e-mail address is too long."]


def canonical_email(email: str) -> str:
    """What two spellings of one address have in common; raises ValueError for what is no address.

    Two people's mailboxes may share it, so mail is only ever sent to the address of the row that was found by it.
    """
    return _canonical(_read(email))


def _read(email: str) -> ValidatedEmail:
    # Reserved domains such as .test are for trying things out, and nobody is harmed by an account on one.
    return validate_email(email.strip(), check_deliverability=False, test_environment=True, strict=True)


def _canonical(read: ValidatedEmail) -> str:
    return f"{_folded(read.local_part)}@{(read.ascii_domain or read.domain).lower()}"


def _folded(text: str) -> str:
    # Folding can undo the normal form, and the other way about: ẛ̣, for instance.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def age_faults(born: date, today: date) -> list[str]:
    """Whether somebody is too young, or not born yet."""
    birthday_is_ahead = (today.month, today.day) < (born.month, born.day)
    age = today.year - born.year - birthday_is_ahead
    return [] if age >= MINIMUM_AGE else [f"You must be at least {MINIMUM_AGE} years old."]
