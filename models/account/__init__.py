"""Accounts: people, their passwords and second factors, their sessions and tokens."""

from models.account.factors import RecoveryCode, SecondFactor
from models.account.identities import Identity
from models.account.passwords import PASSWORDS, Passwords
from models.account.sessions import RefreshToken, Session, SessionIdentity
from models.account.signing import SigningGeneration
from models.account.tokens import OneTimeToken, Purpose
from models.account.users import User

__all__ = [
    "PASSWORDS",
    "Identity",
    "OneTimeToken",
    "Passwords",
    "Purpose",
    "RecoveryCode",
    "RefreshToken",
    "SecondFactor",
    "Session",
    "SessionIdentity",
    "SigningGeneration",
    "User",
]
__models__ = [User, Session, RefreshToken, OneTimeToken, SecondFactor, RecoveryCode, Identity, SigningGeneration]
