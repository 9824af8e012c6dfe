"""The account: profile, preferences, avatar."""

from handlers.account import avatar, profile

MODULES = (
    avatar,
    profile,
)
