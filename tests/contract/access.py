"""Who may call what, as the contract says it: the catalogue's column of access, written down a second time on purpose.

The access tests derive what they expect from here, never from what the code declares. A rule is a list of clauses, each
a role with what is asked of it: `own` (only the caller's rows; another's is not found), `verified`, `reauth`.
"""

from collections.abc import Collection
from dataclasses import dataclass

RULES = {
    "user": """
        account.avatar.remove account.avatar.set account.preferences.get account.preferences.update
        account.profile.get account.profile.update account.user.get assessment.get assessment.list
        assistant.model.list assistant.thread.create assistant.usage.get auth.email.verification.send
        auth.identity.list auth.mfa.get auth.mfa.totp.confirm auth.password.change auth.reauthenticate
        auth.session.list auth.session.revoke auth.session.revoke_others block.add block.remove
        conversation.open file.list message.send notification.delete notification.list
        notification.preference.get notification.preference.update notification.read notification.unread_count
        onboarding.complete onboarding.get onboarding.step.skip onboarding.step.submit presence.get presence.set
        session.refresh
    """,
    "admin": """
        admin.audit.list admin.task.list admin.task.retry admin.user.get admin.user.list
        admin.user.sessions.revoke
    """,
    "admin reauth": """
        admin.user.role.set admin.user.status.set
    """,
    "instructor own, admin": """
        assessment.accommodation.list assessment.accommodation.remove assessment.accommodation.set
        assessment.attempt.search assessment.bank.delete assessment.bank.update assessment.delete
        assessment.package.delete assessment.package.update assessment.publish assessment.question.delete
        assessment.question.get assessment.question.update assessment.update
    """,
    "user own": """
        assessment.attempt.flag assessment.attempt.list assessment.attempt.pause assessment.attempt.resume
        assessment.attempt.save_response assessment.attempt.save_responses assessment.attempt.submit
        assessment.attempt.time assistant.attachment.list assistant.branch.select assistant.message.delete
        assistant.message.edit assistant.message.list assistant.message.regenerate assistant.message.send
        assistant.run.get assistant.run.stop assistant.thread.delete assistant.thread.get assistant.thread.list
        assistant.thread.update block.list conversation.list conversation.update file.delete message.edit
        message.list message.read message.typing
    """,
    "user own, instructor own, admin": """
        assessment.attempt.get assessment.attempt.review
    """,
    "user verified": """
        assessment.attempt.start
    """,
    "instructor, admin": """
        assessment.bank.create assessment.bank.list assessment.create assessment.package.create
        assessment.question.create assessment.question.list
    """,
    "public": """
        assessment.package.get assessment.package.list auth.email.change.confirm auth.email.verify rpc.cancel
        rpc.discover session.authenticate session.ping session.subscribe session.unsubscribe session.whoami
        system.info
    """,
    "user reauth": """
        auth.email.change.request auth.identity.unlink auth.mfa.recovery_codes.regenerate auth.mfa.totp.begin
        auth.mfa.totp.disable
    """,
    "internal": """
        auth.forgot_password auth.login auth.logout auth.refresh auth.reset_password auth.signup file.arrive
        file.open file.register file.reject
    """,
    "user own, admin": """
        file.get file.url.create message.delete
    """,
}

TOPIC_RULES = {
    "user": "user own",
    "conversation": "user own",
    "presence": "user own",
    "thread": "user own",
    "attempt": "user own, instructor own, admin",
    "assessment": "instructor own, admin",
    "admin": "admin",
}

PUBLIC, INTERNAL = "public", "internal"


@dataclass(frozen=True)
class Clause:
    """One role of a rule, and what is asked of it."""

    role: str
    own: bool = False
    verified: bool = False
    reauth: bool = False

    @classmethod
    def parse(cls, text: str) -> "Clause":
        role, *asked = text.split()
        assert set(asked) <= {"own", "verified", "reauth"}, text
        return cls(role, *(name in asked for name in ("own", "verified", "reauth")))


@dataclass(frozen=True)
class Rule:
    """Who may call a method, or follow a topic."""

    text: str

    @property
    def clauses(self) -> list[Clause]:
        return [Clause.parse(one) for one in self.text.split(", ")]

    @property
    def own(self) -> bool:
        """Whether anybody is confined to rows of their own."""
        return any(clause.own for clause in self.clauses)

    def code(self, roles: Collection[str], *, verified: bool, stale: bool, foreign: bool = False) -> int | None:
        """What a caller is answered before anything else, None where they are let in; without roles: a guest."""
        if self.text in {INTERNAL, PUBLIC}:
            return -32601 if self.text == INTERNAL else None
        fitting = [clause for clause in self.clauses if clause.role in roles]
        if not fitting:
            return -32003 if roles else -32001
        if all(clause.verified for clause in fitting) and not verified:
            return -32005
        if all(clause.reauth for clause in fitting) and stale:
            return -32002
        reaches_all = self.own and any(not clause.own for clause in fitting)
        return -32004 if foreign and not reaches_all else None

    @property
    def owners(self) -> set[str]:
        """The roles as which somebody has rows of their own."""
        return {clause.role for clause in self.clauses if clause.own}

    def reaches(self, roles: Collection[str], owned_as: str | None) -> bool:
        """Whether a caller reaches a row or a topic that is theirs as this role has things (None: another's)."""
        return any(clause.role in roles and (not clause.own or clause.role == owned_as) for clause in self.clauses)


METHOD_RULES = {name: Rule(rule) for rule, names in RULES.items() for name in names.split()}
