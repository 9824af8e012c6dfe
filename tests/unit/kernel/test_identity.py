"""Access tokens: only our own, only with our key, only in their time."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from server.kernel.identity import ROLES, Identity, SigningKey, TokenExpired, TokenInvalid, Tokens

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
USER, SESSION = uuid4(), uuid4()
KEY = SigningKey.derive("a secret of thirty-two characters")


def tokens_of(*keys: SigningKey, issuer: str = "nexa", audience: str = "nexa", seconds: int = 3600) -> Tokens:
    return Tokens(keys, issuer=issuer, audience=audience, seconds=seconds)


TOKENS = tokens_of(KEY)


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, changed; a change to ... leaves the claim out."""
    good = {
        "iss": "nexa",
        "aud": "nexa",
        "sub": str(USER),
        "sid": str(SESSION),
        "jti": str(uuid4()),
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(hours=1)).timestamp()),
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def header(**changes: Any) -> dict[str, Any]:
    good = {"kid": KEY.kid, "typ": "at+jwt"}
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def signed(payload: dict[str, Any] | None = None, head: dict[str, Any] | None = None) -> str:
    """A token with our own key, whatever it says."""
    return jwt.encode(payload or claims(), KEY.private, "EdDSA", head or header())


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def handmade(head: bytes, payload: bytes | None = None, signature: bytes = b"") -> str:
    return f"{b64(head)}.{b64(payload or json.dumps(claims()).encode())}.{b64(signature)}"


def test_a_token_is_read_back() -> None:
    read = TOKENS.verify(TOKENS.issue(USER, SESSION, NOW), NOW)
    assert (read.user_id, read.session_id, read.expires_at) == (USER, SESSION, NOW + timedelta(seconds=3600))


def test_no_two_tokens_are_alike() -> None:
    assert TOKENS.issue(USER, SESSION, NOW) != TOKENS.issue(USER, SESSION, NOW)


def test_a_token_says_who_may_read_it_and_with_which_key() -> None:
    token = TOKENS.issue(USER, SESSION, NOW)
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": KEY.kid, "typ": "at+jwt"}
    said = jwt.decode(token, options={"verify_signature": False})
    assert set(said) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}


def test_the_handmade_good_token_is_good() -> None:
    """Every refusal below differs from this one in one thing."""
    assert TOKENS.verify(signed(), NOW).user_id == USER


def rs256() -> str:
    return jwt.encode(claims(), rsa.generate_private_key(65537, 2048), "RS256", header())


FORGERIES: dict[str, Callable[[], str]] = {
    "another key": lambda: tokens_of(SigningKey.derive("another secret")).issue(USER, SESSION, NOW),
    "another key under our kid": lambda: jwt.encode(claims(), Ed25519PrivateKey.generate(), "EdDSA", header()),
    "alg none": lambda: jwt.encode(claims(), None, "none", header()),
    "alg none in capitals": lambda: handmade(json.dumps({"alg": "NONE", **header()}).encode()),
    "no alg": lambda: handmade(json.dumps(header()).encode()),
    "HS256 with the raw public key as the secret": lambda: hs256(Encoding.Raw, PublicFormat.Raw),
    "HS256 with the public key in PEM as the secret": lambda: hs256(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "HS256 with the public key in DER as the secret": lambda: hs256(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
    "RS256": rs256,
    "another issuer": lambda: signed(claims(iss="evil")),
    "an issuer that only begins like ours": lambda: signed(claims(iss="nexa.evil")),
    "another audience": lambda: signed(claims(aud="billing")),
    "a list of audiences": lambda: signed(claims(aud=["nexa", "billing"])),
    "no typ": lambda: signed(head=header(typ=None)),
    "typ JWT": lambda: signed(head=header(typ="JWT")),
    "no kid": lambda: signed(head=header(kid=...)),
    "unknown kid": lambda: signed(head=header(kid="0123456789abcdef")),
    "a kid that is a path": lambda: signed(head=header(kid="../../dev/null")),
    "a kid that is no text": lambda: handmade(b'{"alg":"EdDSA","typ":"at+jwt","kid":["x"]}'),
    **{f"no {name}": lambda name=name: signed(claims(**{name: ...})) for name in claims()},  # type: ignore[misc]
    "sub is no id": lambda: signed(claims(sub="admin")),
    "sid is no id": lambda: signed(claims(sid="")),
    "exp is no number": lambda: signed(claims(exp="soon")),
    "exp beyond all time": lambda: signed(claims(exp=10**30)),
    "not yet": lambda: signed(claims(nbf=2**40)),
    "nothing": lambda: "",
    "two parts": lambda: signed().rpartition(".")[0],
    "no signature": lambda: signed().rpartition(".")[0] + ".",
    "four parts": lambda: signed() + ".e30",
    "a header that is no object": lambda: handmade(b"[]"),
    "a header that is very deep": lambda: handmade(b'{"a":' * 2900),
    "a payload that is no object": lambda: jwt.api_jws.encode(b"[]", KEY.private, "EdDSA", header()),
    "a lone surrogate": lambda: "\ud800." + signed().split(".", 1)[1],
    "not ASCII": lambda: "é.é.é",
    "a newline at the end": lambda: signed() + "\n.",
}


def hs256(encoding: Encoding, form: PublicFormat) -> str:
    # PyJWT refuses to sign with what looks like a public key, so this forger signs by hand.
    secret = KEY.private.public_key().public_bytes(encoding, form)
    body = f"{b64(json.dumps({**header(), 'alg': 'HS256'}).encode())}.{b64(json.dumps(claims()).encode())}"
    return f"{body}.{b64(hmac.digest(secret, body.encode(), 'sha256'))}"


@pytest.mark.seed("S0-18")
@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forgery_is_not_a_token_of_ours(forge: Callable[[], str]) -> None:
    token = forge()
    for expired_ok in (False, True):
        with pytest.raises(TokenInvalid):
            TOKENS.verify(token, NOW, expired_ok=expired_ok)


@pytest.mark.parametrize("place", [5, -5])
def test_one_changed_character_spoils_it(place: int) -> None:
    token = TOKENS.issue(USER, SESSION, NOW)
    at = place % len(token)
    other = "A" if token[at] != "A" else "B"
    with pytest.raises(TokenInvalid):
        TOKENS.verify(token[:at] + other + token[at + 1 :], NOW)


def test_other_claims_under_the_same_signature_are_refused() -> None:
    head, _, signature = signed().split(".")
    with pytest.raises(TokenInvalid):
        TOKENS.verify(f"{head}.{b64(json.dumps(claims(sub=str(uuid4()))).encode())}.{signature}", NOW)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_text_makes_it_fail_otherwise(token: str) -> None:
    with pytest.raises(TokenInvalid):
        TOKENS.verify(token, NOW)


@pytest.mark.parametrize(("seconds", "good"), [(3599, True), (3600, False), (3601, False), (10**6, False)])
def test_it_is_good_until_its_last_moment(seconds: int, good: bool) -> None:
    token, then = TOKENS.issue(USER, SESSION, NOW), NOW + timedelta(seconds=seconds)
    if good:
        assert TOKENS.verify(token, then).session_id == SESSION
        return
    with pytest.raises(TokenExpired):
        TOKENS.verify(token, then)
    assert TOKENS.verify(token, then, expired_ok=True).session_id == SESSION


# Keys


def test_the_same_secret_gives_the_same_key_on_every_process() -> None:
    assert SigningKey.derive("s").jwk() == SigningKey.derive("s").jwk()
    assert len({SigningKey.derive(secret, n).kid for secret in ("s", "t") for n in (1, 2)}) == 4


def test_a_token_of_the_generation_before_is_still_read() -> None:
    old, new = SigningKey.derive("s", 1), SigningKey.derive("s", 2)
    token = tokens_of(old).issue(USER, SESSION, NOW)
    both = tokens_of(new, old)
    assert both.verify(token, NOW).user_id == USER
    assert jwt.get_unverified_header(both.issue(USER, SESSION, NOW))["kid"] == new.kid
    with pytest.raises(TokenInvalid):
        tokens_of(new).verify(token, NOW)


@pytest.mark.seed("S4-47")
def test_anybody_can_check_a_token_with_the_published_key() -> None:
    both = tokens_of(SigningKey.derive("s", 2), SigningKey.derive("s", 1))
    now = datetime.now(UTC)
    token = both.issue(USER, SESSION, now)
    published = jwt.PyJWKSet.from_dict(both.jwks())
    key = published[jwt.get_unverified_header(token)["kid"]]
    said = jwt.decode(token, key, algorithms=["EdDSA"], audience="nexa", issuer="nexa")
    assert said["sub"] == str(USER)


def test_only_public_halves_are_published() -> None:
    keys = TOKENS.jwks()["keys"]
    assert [sorted(key) for key in keys] == [["alg", "crv", "kid", "kty", "use", "x"]]
    assert (keys[0]["kty"], keys[0]["crv"], keys[0]["alg"], keys[0]["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")


# Identities


def identity(*roles: str) -> Identity:
    return Identity(USER, SESSION, "a@b.example", "Ada", frozenset(roles), email_verified=True)


@pytest.mark.parametrize(
    ("roles", "highest"),
    [(["user"], "user"), (["user", "employer", "job_seeker"], "employer"), (list(ROLES), "admin")],
)
def test_the_highest_role_is_the_one_that_is_shown(roles: list[str], highest: str) -> None:
    shown = identity(*roles).shown()
    assert (shown["role"], shown["roles"]) == (highest, [role for role in ROLES if role in roles])
    assert list(shown) == ["id", "email", "full_name", "role", "roles"]
