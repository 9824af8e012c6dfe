"""Accounts and an exam to try things out with, in development only; loaded once."""

from datetime import UTC, datetime

from tortoise.transactions import in_transaction

from models.account import PASSWORDS, User
from models.account.users import NewUser
from models.assessment import Bank
from server.cli.demo.exam import load_exam
from server.compose.domains import MODELS
from server.kernel.database import connect, disconnect, tortoise_config

PASSWORD = "DemoPass123!"  # noqa: S105 - known to everybody on purpose, and refused in production

LOCK = 0x64656D6F

PEOPLE = {
    "admin@demo.example": ("Ada Admin", "admin"),
    "learner@demo.example": ("Lena Learner", "user"),
    "seeker@demo.example": ("Sam Seeker", "job_seeker"),
    "employer@demo.example": ("Emma Employer", "employer"),
    "instructor@demo.example": ("Ivan Instructor", "instructor"),
    "consultant@demo.example": ("Clara Consultant", "consultant"),
}
"""By e-mail address: the name and the role beside `user`."""
AUTHOR = "instructor@demo.example"


async def load_demo(database_url: str) -> None:
    """Create what is missing of the demo accounts and their data."""
    await connect(tortoise_config(database_url, pool_size=2, apps={"models": MODELS}))
    try:
        if await _missing():
            await _create(await PASSWORDS.hash(PASSWORD))
        if not await _has_exam():
            await _create_exam()
    finally:
        await disconnect()


async def _missing() -> dict[str, tuple[str, str]]:
    known = {user.email_canonical for user in await User.filter(email_canonical__in=list(PEOPLE))}
    return {email: person for email, person in PEOPLE.items() if email not in known}


async def _has_exam() -> bool:
    return await Bank.filter(owner__email_canonical=AUTHOR).exists()


async def _create_exam() -> None:
    async with in_transaction() as connection:
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [LOCK])
        if not await _has_exam():
            await load_exam((await User.get(email_canonical=AUTHOR)).id)


async def _create(password_hash: str) -> None:
    async with in_transaction() as connection:
        # Several processes may start at once; the second waits here and finds everybody there.
        await connection.execute_query("SELECT pg_advisory_xact_lock($1)", [LOCK])
        for email, (full_name, role) in (await _missing()).items():
            user = await User.sign_up(NewUser(email, full_name, password_hash, roles=[role]))
            user.email_verified_at = datetime.now(UTC)
            await user.save(update_fields=["email_verified_at"])
