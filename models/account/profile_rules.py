"""What the members of a profile have to be like. Pure functions over values, as in `models.account.rules`.

`*_faults` give the texts for what is wrong, an empty list when nothing is; `clean_*` bring a value into the form in
which it is kept.
"""

import re
import unicodedata
import zoneinfo
from functools import cache
from urllib.parse import urlsplit

from models.kit.text import is_blank

HEADLINE_MAX, LOCATION_MAX, BIO_MAX = 120, 100, 2000
LINKS_MAX, LABEL_MAX, URL_MAX = 10, 50, 500
LOCALE_MAX = 35

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_BETWEEN_DIGITS = re.compile(r"[ ().\-]")

# RFC 5646, section 2.1, without the registered exceptions of older times.
_LOCALE = re.compile(
    r"[a-z]{2,3}(-[a-z]{3}){0,3}"
    r"(-[a-z]{4})?"
    r"(-([a-z]{2}|[0-9]{3}))?"
    r"(-([a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(-[0-9a-wyz](-[a-z0-9]{2,8})+)*"
    r"(-x(-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)


def clean_line(text: str) -> str:
    """A text of one line: composed characters, no white space around it."""
    plain = unicodedata.normalize("NFC", text).strip()
    return "" if is_blank(plain) else plain


def line_faults(text: str) -> list[str]:
    """Whether there is more than one line, or something that no person types."""
    odd = any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text)
    return ["This is one line, without control characters."] if odd else []


def clean_phone(phone: str) -> str:
    """A number as it is kept: the plus sign and the digits."""
    return _BETWEEN_DIGITS.sub("", phone.strip())


def phone_faults(phone: str) -> list[str]:
    """What is wrong with a phone number, which is clean already."""
    fits = _PHONE.fullmatch(phone)
    return [] if fits else ["A phone number begins with + and the country's code and has 7 to 15 digits."]


def timezone_faults(name: str) -> list[str]:
    """Whether nobody knows such a time zone."""
    return [] if name in _timezones() else ["This is not a time zone such as Africa/Lagos."]


@cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def locale_faults(locale: str) -> list[str]:
    """Whether this does not have the form of a language tag (BCP 47)."""
    fits = len(locale) <= LOCALE_MAX and _LOCALE.fullmatch(locale)
    return [] if fits else ["This is not a language tag such as en or pt-BR."]


def clean_locale(locale: str) -> str:
    """A language tag in the usual letters, such as `zh-Hant-TW`."""
    first, *others = locale.strip().split("-")
    return "-".join([first.lower(), *map(_subtag, others)])


def _subtag(subtag: str) -> str:
    if len(subtag) == 2:
        return subtag.upper()
    return subtag.title() if len(subtag) == 4 and subtag.isalpha() else subtag.lower()


def url_faults(url: str) -> list[str]:
    """Whether this is anything but the address of a web page; one that carries a password is none."""
    wrong = ["This is not the address of a web page: it begins with https:// or http://."]
    if any(character.isspace() or unicodedata.category(character) == "Cc" for character in url) or "\\" in url:
        return wrong
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return wrong
    fits = parts.scheme in {"http", "https"} and host and parts.username is None and parts.password is None
    return [] if fits else wrong
