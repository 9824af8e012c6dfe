"""What the owner of an account hears of its safety."""

from datetime import datetime
from uuid import UUID

from server.kernel.rpc import View, logged_event


class SessionRevoked(View):
    """Which session has ended."""

    session_id: UUID


class PasswordChanged(View):
    """When the password was changed, and from where."""

    at: datetime
    ip: str


class MfaChanged(View):
    """Whether a second factor is asked for from now on."""

    enabled: bool


class IdentityChanged(View):
    """Which outside account belongs to this one now, or no longer."""

    provider: str
    linked: bool


class NewDevice(View):
    """The device, its address and the moment."""

    device: str
    ip: str
    at: datetime


session_revoked = logged_event(
    "auth.session_revoked",
    "user",
    SessionRevoked,
    "A session was ended: by logging out, from another device, by a password reset, or because it was misused.",
)
password_changed = logged_event("auth.password_changed", "user", PasswordChanged, "There is a new password.")
mfa_changed = logged_event("auth.mfa_changed", "user", MfaChanged, "The second factor or its recovery codes are new.")
identity_changed = logged_event("auth.identity_changed", "user", IdentityChanged, "Another way in, or one less.")
new_device = logged_event(
    "auth.new_device", "user", NewDevice, "Somebody has logged in from a device that was never seen for the account."
)
