"""Who calls: access tokens and the identity that a session stands for."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from uuid_utils.compat import uuid7

from models.errors import Unauthenticated
from models.kit.topics import user_topic

ROLES = ("user", "job_seeker", "employer", "instructor", "consultant", "admin")
"""All roles in rising order; the highest one that a person has is the one that is shown."""


class TokenExpired(Unauthenticated):
    """The access token was ours and good, but its time is over."""

    message = "The access token has run out."


class TokenInvalid(Unauthenticated):
    """Not a token of ours."""

    message = "The access token is not valid."


class UnknownKey(TokenInvalid):
    """Signed with a key that is not among ours: somebody else's, or one that has come since we looked."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind a call, as the session's row said when it was last read."""

    user_id: UUID
    session_id: UUID
    email: str
    full_name: str
    roles: frozenset[str]
    email_verified: bool
    authenticated_at: datetime | None = None

    @property
    def role(self) -> str:
        """The highest role."""
        return max(self.roles, key=ROLES.index)

    @property
    def topic(self) -> str:
        """The person's own topic."""
        return user_topic(self.user_id)

    def shown(self) -> dict[str, Any]:
        """What `session.ready` and its like say of the user."""
        return {
            "id": str(self.user_id),
            "email": self.email,
            "full_name": self.full_name,
            "role": self.role,
            "roles": sorted(self.roles, key=ROLES.index),
        }


class Sessions(Protocol):
    """Where identities are read from: the sessions' table, through the composition root."""

    async def __call__(self, session_id: UUID) -> Identity | None:
        """The identity of a session, None when it was revoked, has ended, or its user is suspended."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid access token says."""

    user_id: UUID
    session_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key with the name that tokens carry in `kid`."""

    kid: str
    private: Ed25519PrivateKey

    @classmethod
    def derive(cls, secret: str, generation: int = 1) -> "SigningKey":
        """The key of a generation: the same secret gives the same key on every process, with nothing stored."""
        private = Ed25519PrivateKey.from_private_bytes(derived_key(secret, f"nexa signing key {generation}"))
        return cls(hashlib.sha256(_raw(private.public_key())).hexdigest()[:16], private)

    def jwk(self) -> dict[str, str]:
        """The public half in the form of RFC 8037."""
        x = jwt.utils.base64url_encode(_raw(self.private.public_key())).decode()
        return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": x}


def derived_key(secret: str, purpose: str) -> bytes:
    """A key of 32 bytes for one purpose, the same on every process that has the secret (RFC 5869)."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(secret.encode())


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


class Tokens:
    """Issues and checks access tokens: EdDSA, the key named by `kid`, the algorithm never taken from the token."""

    def __init__(self, keys: Sequence[SigningKey], *, issuer: str, audience: str, seconds: int) -> None:
        self.seconds = seconds
        self.renew: Callable[[], Awaitable[None]] | None = None
        """Looks for newer keys and gives them to `use`; the composition root knows where."""
        self.use(keys)
        self._issuer = issuer
        self._audience = audience

    def use(self, keys: Sequence[SigningKey]) -> None:
        """Sign with the first of these keys from now on, and verify with all of them."""
        self._signer = keys[0]
        self._keys: Mapping[str, SigningKey] = {key.kid: key for key in keys}

    def issue(self, user_id: UUID, session_id: UUID, now: datetime) -> str:
        """A token for a session, good for `seconds`."""
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": str(uuid7()),
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self.seconds)).timestamp()),
        }
        return jwt.encode(claims, self._signer.private, "EdDSA", {"kid": self._signer.kid, "typ": "at+jwt"})

    async def verify_or_renew(self, token: str, now: datetime) -> Claims:
        """Read a token; where its key is unknown, look for newer ones first. Raises TokenInvalid or TokenExpired."""
        try:
            return self.verify(token, now)
        except UnknownKey:
            if self.renew is None:
                raise
            await self.renew()
            return self.verify(token, now)

    def verify(self, token: str, now: datetime, *, expired_ok: bool = False) -> Claims:
        """Read a token; raises TokenInvalid or TokenExpired."""
        try:
            header = jwt.get_unverified_header(token)
            key = self._keys.get(header["kid"])
            if key is None:
                raise UnknownKey
            if header.get("typ") != "at+jwt":
                raise TokenInvalid
            claims = jwt.decode(
                token,
                key.private.public_key(),
                algorithms=["EdDSA"],
                audience=self._audience,
                issuer=self._issuer,
                # The moments are compared with our own clock below, which tests move.
                options={
                    "require": ["exp", "iat", "sub", "jti", "iss", "aud", "sid"],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            read = Claims(UUID(claims["sub"]), UUID(claims["sid"]), datetime.fromtimestamp(claims["exp"], UTC))
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise TokenInvalid from error
        if read.expires_at <= now and not expired_ok:
            raise TokenExpired
        return read

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys, for `/.well-known/jwks.json`."""
        return {"keys": [key.jwk() for key in self._keys.values()]}
