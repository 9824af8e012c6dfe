"""Accounts: people, their passwords, their sessions and refresh tokens."""

from models.account.passwords import PASSWORDS, Passwords
from models.account.sessions import RefreshToken, Session, SessionIdentity
from models.account.users import User

__all__ = ["PASSWORDS", "Passwords", "RefreshToken", "Session", "SessionIdentity", "User"]
__models__ = [User, Session, RefreshToken]
