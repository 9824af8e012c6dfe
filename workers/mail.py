"""Mails: each is a template, an address and what it tells, and is sent until the mail server takes it."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from models.account import OneTimeToken, Purpose, User
from models.account.users import ACTIVE
from models.kit.mail import Mail
from server.kernel import metrics
from server.kernel.rpc import task
from server.kernel.tasks import TaskCtx

logger = structlog.get_logger("nexa.mail")

PAGES = {
    "verify_email": "verify-email",
    "reset_password": "reset-password",
    "change_email": "confirm-email",
}
"""By template, the page that its link leads to."""

MAY_BE_ADDRESSES = frozenset({"link", "new_email", "ip", "reason"})
"""What is ours, was proved, or was written by an admin."""
WITHOUT = {"name": "there", "title": "You have a new notification", "device": "unknown"}
"""What stands for a value of which nothing is left."""

_DOT = "[.。．｡]"
_ADDRESS = re.compile(rf"\S*(?:://|@|\w{_DOT}[^\W\d_]{{2}})\S*")

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates" / "mail"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
)
_TEMPLATES.globals["link"] = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is read."""

    subject: str
    text: str
    html: str


def render(template: str, shown: dict[str, str]) -> Letter:
    """Fill a template in. Values are texts and nothing else: they make neither markup, nor lines, nor templates.

    Nor do they make links, which mail programs see in anything that looks like an address: somebody may be called
    "Visit www.evil.example now". Such words are left out, also of the subject.
    """
    values = {name: _said(name, _one_line(value)) for name, value in shown.items()}
    subject, _, text = _TEMPLATES.get_template(f"{template}.txt").render(values).partition("\n")
    return Letter(subject, text.strip() + "\n", _TEMPLATES.get_template(f"{template}.html").render(values))


def _said(name: str, text: str) -> str:
    if name in MAY_BE_ADDRESSES:
        return text
    return " ".join(_ADDRESS.sub(" ", text).split()) or WITHOUT.get(name, "")


def _one_line(text: str) -> str:
    kept = (character if unicodedata.category(character)[0] not in "CZ" else " " for character in text)
    return " ".join("".join(kept).split())


@task("mail.send", tries=12, external=True)
async def send(ctx: TaskCtx, mail: Mail) -> None:
    """Send a mail, with a link where it has a token."""
    shown = dict(mail.shown)
    if mail.token is not None:
        token = ctx.services.vault.open(mail.token, "mail")
        # Behind a number sign: it reaches neither the logs of servers on the way nor other sites.
        shown["link"] = f"{ctx.services.pages}/{PAGES[mail.template]}#token={token}"
    letter = render(mail.template, shown)
    try:
        taken = await ctx.ports.mail.send(
            to=mail.to, subject=letter.subject, text=letter.text, html=letter.html, message_id=mail.id
        )
    except Exception:
        metrics.MAILS.labels(mail.template, "failed").inc()
        raise
    metrics.MAILS.labels(mail.template, "sent" if taken else "refused").inc()
    if not taken:
        logger.warning("mail refused", template=mail.template, message_id=str(mail.id))


@task("mail.password_reset")
async def password_reset(ctx: TaskCtx, canonical: str) -> None:
    """Mail the link to set a new password, if there is such an account and it was not mailed a moment ago."""
    user = await User.locked().get_or_none(email_canonical=canonical, status=ACTIVE)
    if user is None or await OneTimeToken.wait_seconds(ctx.now, user.id, Purpose.RESET_PASSWORD):
        return
    token = await OneTimeToken.issue(ctx.now, user, Purpose.RESET_PASSWORD)
    sealed = ctx.services.vault.seal(token, "mail")
    Mail("reset_password", user.email, {"name": user.full_name}, sealed).queue(ctx.work)
