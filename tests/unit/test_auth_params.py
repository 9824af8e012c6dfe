"""The forms of signing up and logging in: all that is wrong is named at once."""

from datetime import date
from typing import Any

import pytest

from handlers.auth.params import LoginParams, RefreshParams, SignupParams
from models.errors import Invalid
from server.kernel.shapes import Params
from server.kernel.validation import validate

GOOD: dict[str, Any] = {"full_name": "Ada Lovelace", "email": "ada@example.com", "password": "DemoPass123!"}
REQUIRED = ["This field is required."]


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in {**GOOD, **changes}.items() if name not in names}


def refusal(model: type[Params], params: dict[str, Any]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        validate(model, params)
    return caught.value


def details(params: dict[str, Any], model: type[Params] = SignupParams) -> Any:
    return refusal(model, params).data["details"]


@pytest.mark.seed("S4-18", "S4-27", "S2-15")
def test_every_wrong_field_is_named_at_once() -> None:
    wrong = {
        "password": "demopass",
        "confirm_password": "other",
        "username": "a b",
        "date_of_birth": "2025-01-01",
        "is_employer": "yes",
        "nickname": "x",
    }
    error = refusal(SignupParams, wrong)
    assert (error.title, error.detail) == ("Validation failed", "Invalid input data.")
    assert error.data["details"]["email"] == REQUIRED
    assert "Password must contain at least one uppercase letter" in error.data["details"]["password"]
    assert len(error.data["details"]["password"]) == 3
    assert set(error.data["details"]) == {*wrong, "email"}


@pytest.mark.seed("S4-27")
def test_nothing_given() -> None:
    assert details({}) == {"email": REQUIRED, "password": REQUIRED, "full_name": REQUIRED}


@pytest.mark.seed("S2-13", "S2-15")
def test_passwords_that_differ() -> None:
    error = refusal(SignupParams, without(confirm_password="DemoPass123?"))
    assert error.detail == "Passwords do not match."
    assert error.data["details"] == {"confirm_password": ["Passwords do not match."]}
    assert validate(SignupParams, without(confirm_password="DemoPass123!"))


@pytest.mark.seed("S0-15", "S2-12", "S1-J05")
@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"full_name": " Ada  Lovelace "}, "Ada Lovelace"),
        ({"first_name": "Ada", "last_name": "Lovelace"}, "Ada Lovelace"),
        ({"first_name": "A", "last_name": "B"}, "A B"),
        ({"username": "ada_1815"}, "ada_1815"),
        ({"full_name": "Ada Lovelace", "first_name": "Augusta", "username": "ada"}, "Ada Lovelace"),
    ],
)
def test_the_forms_of_a_name(given: dict[str, Any], name: str) -> None:
    params = validate(SignupParams, {**without("full_name"), **given})
    assert isinstance(params, SignupParams)
    assert params.name == name


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first_name": "Ada"}, "last_name"),
        ({"last_name": "Lovelace", "username": "ada"}, "first_name"),
        ({"first_name": "A" * 25, "last_name": "B" * 25}, "last_name"),
        ({"first_name": "Ada", "last_name": "..."}, "last_name"),
        ({"full_name": ""}, "full_name"),
        ({"full_name": None}, "full_name"),
    ],
)
def test_half_a_name(given: dict[str, Any], field: str) -> None:
    assert list(details({**without("full_name"), **given})) == [field]


@pytest.mark.seed("S1-J01", "S1-J04")
def test_the_roles_that_everybody_may_choose() -> None:
    params = validate(SignupParams, without(is_employer=True, is_job_seeker=True))
    assert isinstance(params, SignupParams)
    assert params.roles == ["employer", "job_seeker"]
    assert "role" in details(without(role="admin"))


@pytest.mark.seed("S4-12", "S4-25")
def test_a_date_of_birth() -> None:
    params = validate(SignupParams, without(date_of_birth="1990-05-17"))
    assert isinstance(params, SignupParams)
    assert params.date_of_birth == date(1990, 5, 17)


@pytest.mark.parametrize("born", ["17.05.1990", "19900517", "1990-02-30", "1990-05-17T10:00:00Z", "", 0, 6e8, True, []])
def test_what_is_no_date_of_birth(born: object) -> None:
    assert list(details(without(date_of_birth=born))) == ["date_of_birth"]


def test_secrets_are_not_in_what_is_logged() -> None:
    assert "DemoPass123!" not in repr(validate(SignupParams, without(confirm_password="DemoPass123!")))
    assert "DemoPass123!" not in repr(validate(LoginParams, {"email": "a@b.co", "password": "DemoPass123!"}))
    assert "secret" not in repr(validate(RefreshParams, {"refresh_token": "secret"}))


@pytest.mark.seed("S4-26")
@pytest.mark.parametrize(
    ("params", "fields"),
    [
        ({}, {"email", "password"}),
        ({"email": "ada@example.com"}, {"password"}),
        ({"email": "ada", "password": "x"}, {"email"}),
        ({"username": "", "password": ""}, {"username", "password"}),
        ({"username": "ada", "password": "x" * 129}, {"password"}),
        ({"username": 7, "password": ["x"]}, {"username", "password"}),
    ],
)
def test_logging_in_with_something_missing(params: dict[str, Any], fields: set[str]) -> None:
    assert set(details(params, LoginParams)) == fields
