"""What changes how a person proves who they are, with all that follows from it. The person's row is locked by then."""

from uuid import UUID

from models.account import rules
from models.account.factors import SecondFactor
from models.account.identities import Identity
from models.account.sessions import Session
from models.account.tokens import OneTimeToken, Purpose, bad_token
from models.account.users import User, email_taken
from models.errors import Invalid
from models.notification import Notification
from models.work import Work


def refuse_personal(user: User, password: str, field: str = "new_password") -> None:
    """Raise Invalid when a new password holds the name or the address of its owner."""
    faults = rules.personal_faults(password, user.email, user.full_name)
    if faults:
        raise Invalid({field: faults}, title="Validation failed", detail="Invalid input data.")


async def set_password(work: Work, user: User, password_hash: str, *, ip: str) -> None:
    """Take a new password; what the old one has opened and not finished is worth nothing any more."""
    user.password_hash = password_hash
    await user.save(update_fields=["password_hash", "updated_at"])
    await OneTimeToken.withdraw(work, user.id, Purpose.RESET_PASSWORD, Purpose.CHANGE_EMAIL, Purpose.SECOND_FACTOR)
    work.audit(user.topic)
    work.emit(user.topic, "auth.password_changed", {"at": work.now, "ip": ip})
    await warn(work, user.id, "Your password was changed", ip=ip)


async def warn(work: Work, user_id: UUID, title: str, **data: str) -> None:
    """Leave a notice about the security of an account; the mail about it is whoever's who changes something."""
    await Notification.notify(work, user_id, "account.security", title=title, data=data)


async def reset_password(work: Work, user: User, password_hash: str, *, ip: str) -> None:
    """Take a new password from who has opened the mail, and end every session.

    Whoever signs up with another's address and waits for them to come must not have left a way in of their own: where
    the address was never confirmed, its owner has just done so, and what was set up before is removed.
    """
    await set_password(work, user, password_hash, ip=ip)
    if user.email_verified_at is None:
        await SecondFactor.remove(user.id)
        await Identity.filter(user_id=user.id).delete()
        await confirm_email(work, user)
    await Session.revoke_all(work, user.id)


async def confirm_email(work: Work, user: User) -> None:
    """The owner of the address has opened a mail that went there."""
    await user.change(email_verified_at=work.now)
    work.audit(user.topic, before={"email_verified": False}, after={"email_verified": True})
    user.tell(work, "email_verified")


async def verify_email(work: Work, token: str) -> None:
    """Confirm the address that a token was sent to; raises Invalid when it is not the account's address any more."""
    user, data = await OneTimeToken.redeem(work, token, Purpose.VERIFY_EMAIL)
    await user.admit(work)
    if data["email"] != user.email:
        raise bad_token()
    if user.email_verified_at is None:
        await confirm_email(work, user)


async def refuse_taken(user: User, email: str) -> None:
    """Raise Invalid when it is the present address, Conflict when it is somebody else's."""
    if email == user.email:
        raise Invalid({"new_email": ["This is your present e-mail address."]})
    canonical = rules.canonical_email(email)
    if await User.filter(email_canonical=canonical).exclude(id=user.id).exists():
        raise email_taken()


async def change_email(work: Work, token: str) -> tuple[User, str]:
    """Take the address that a token was sent to; returns the user and the old address.

    Raises Invalid, or Conflict when somebody else has taken it meanwhile. What was mailed to the old address is worth
    nothing any more.
    """
    user, data = await OneTimeToken.redeem(work, token, Purpose.CHANGE_EMAIL)
    await user.admit(work)
    old, new = user.email, str(data["email"])
    await user.change(email=new, email_canonical=rules.canonical_email(new), email_verified_at=work.now)
    await OneTimeToken.withdraw(work, user.id, Purpose.RESET_PASSWORD, Purpose.CHANGE_EMAIL, Purpose.VERIFY_EMAIL)
    work.audit(user.topic, before={"email": old}, after={"email": new})
    user.tell(work, "email", "email_verified")
    return user, old
