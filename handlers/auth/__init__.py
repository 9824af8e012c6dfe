"""Authentication: passwords, second factors, sessions, outside identities."""

from handlers.auth import emails, events, factors, identities, login, pages, passwords, sessions

MODULES = (
    emails,
    events,
    factors,
    identities,
    login,
    pages,
    passwords,
    sessions,
)
