"""What names, addresses, passwords and ages are accepted."""

from datetime import date

import pytest

from models.account import rules


@pytest.mark.seed("S4-22")
@pytest.mark.parametrize(
    "name",
    [
        "Jo",
        "Dr. Sarah Chen",
        "Anne-Marie O'Neill",
        "Anne-Marie O’Neill",
        "Nguyễn Thị Minh Khai",
        "Ọlábísí Adébáyọ̀",
        "李小龙",
        "عمر الخطاب",
        "अनीता",
        "A" * 50,
    ],
)
def test_real_names_are_names(name: str) -> None:
    assert rules.name_faults(rules.clean_name(name)) == []


@pytest.mark.seed("S4-22")
@pytest.mark.parametrize(
    "name",
    ["J", "A" * 51, "...", "- -", "J0hn", "Ada@Lovelace", "Ada\nLovelace", "Ada\u202eLovelace", "<b>Ada</b>", "🦉🦉"],
)
def test_what_is_no_name(name: str) -> None:
    assert len(rules.name_faults(rules.clean_name(name))) == 1


def test_an_empty_name_is_missing() -> None:
    assert rules.name_faults(rules.clean_name("  ")) == [rules.REQUIRED]


def test_a_name_is_kept_composed_and_with_single_spaces() -> None:
    assert rules.clean_name("  Zoe\u0308   Muster ") == "Zo\u00eb Muster"


@pytest.mark.seed("S0-15")
@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Ada Lovelace", ("Ada", "Lovelace")),
        ("Dr. Sarah Chen", ("Dr. Sarah", "Chen")),
        ("Madonna", ("Madonna", "")),
    ],
)
def test_first_and_last_name_are_split_on_the_last_space(full: str, parts: tuple[str, str]) -> None:
    assert rules.split_name(full) == parts


@pytest.mark.seed("S4-24", "S4-27")
@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("DemoPass123!", []),
        ("Пароль-2024", []),
        ("Aa1_" * 32, []),
        ("demopass123!", ["Password must contain at least one uppercase letter"]),
        ("DEMOPASS123!", ["Password must contain at least one lowercase letter"]),
        ("DemoPassword!", ["Password must contain at least one digit"]),
        ("DemoPass123", ["Password must contain at least one special character"]),
        ("Dem 1234 x", ["Password must contain at least one special character"]),
        ("Dp123!", ["Password must contain at least 8 characters"]),
        ("Aa1_" * 33, ["Password must contain at most 128 characters"]),
        pytest.param("Aa1_" * 250_000, ["Password must contain at most 128 characters"], id="a megabyte"),
        ("", ["This field is required."]),
    ],
)
def test_passwords(password: str, faults: list[str]) -> None:
    assert rules.password_faults(password) == faults


def test_all_that_a_password_lacks_is_said_at_once() -> None:
    assert len(rules.password_faults("       ")) == 5


@pytest.mark.seed("S4-23")
@pytest.mark.parametrize("email", ["ada@example.com", " Ada.Lovelace+x@Example.COM ", "jörg@bücher.example", "a@b.co"])
def test_addresses(email: str) -> None:
    assert rules.email_faults(email) == []


@pytest.mark.seed("S4-23")
@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@example",
        "a b@example.com",
        "ada@exam_ple.com",
        "a@b@example.com",
        "ada@example.com\r\nBcc: x@example.com",
        "Ada <ada@example.com>",
        "ada@[127.0.0.1]",
        "a" * 65 + "@example.com",
        pytest.param("a@" + "b" * 1_000_000 + ".com", id="a megabyte"),
    ],
)
def test_what_is_no_address(email: str) -> None:
    assert len(rules.email_faults(email)) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.com", "ada@example.COM"),
        ("jörg@bücher.example", "JÖRG@xn--bcher-kva.example"),
        ("Zoe\u0308@example.com", "zo\u00eb@example.com"),
        ("straße@example.com", "STRASSE@example.com"),
    ],
)
def test_spellings_of_one_address_have_the_same_canonical_form(one: str, other: str) -> None:
    assert rules.canonical_email(one) == rules.canonical_email(other)
    assert rules.canonical_email(rules.canonical_email(one)) == rules.canonical_email(one)


def test_dots_and_tags_of_an_address_tell_people_apart() -> None:
    assert len({rules.canonical_email(f"{local}@example.com") for local in ("adal", "ada.l", "adal+x")}) == 3


@pytest.mark.seed("S1-J05")
@pytest.mark.parametrize("username", ["ada", "john_doe", "Ada.Lovelace-1815", "françois"])
def test_usernames(username: str) -> None:
    assert rules.username_faults(rules.clean_username(username)) == []


@pytest.mark.parametrize("username", ["", "ab", "a" * 31, "_ada", "ada@home", "ada lovelace", "ada\u200bx", "../etc"])
def test_what_is_no_username(username: str) -> None:
    assert len(rules.username_faults(rules.clean_username(username))) == 1


def test_usernames_differ_by_more_than_case() -> None:
    assert rules.canonical_username("John_Doe") == rules.canonical_username("john_doe")


@pytest.mark.seed("S4-25")
@pytest.mark.parametrize(
    ("born", "today", "old_enough"),
    [
        (date(2013, 11, 21), date(2026, 11, 21), True),
        (date(2013, 11, 22), date(2026, 11, 21), False),
        (date(2012, 2, 29), date(2025, 2, 28), False),
        (date(2012, 2, 29), date(2025, 3, 1), True),
        (date(2030, 1, 1), date(2026, 11, 21), False),
    ],
)
def test_thirteen_years(born: date, today: date, *, old_enough: bool) -> None:
    assert (rules.age_faults(born, today) == []) is old_enough
