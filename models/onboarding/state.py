"""How far somebody is in a flow, and what they have answered."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from models.account import User
from models.account.changes import grant_role
from models.account.users import ACTIVE
from models.base import Row
from models.errors import Invalid, InvalidState
from models.kit.topics import user_topic
from models.notification import TYPES, Inbox, Notification
from models.notification.types import EMAIL
from models.onboarding.flow import OnboardingFlow, Step
from models.onboarding.recommending import packages_for
from models.work import Work

GRANTED = frozenset({"job_seeker", "employer"})
"""What everybody may choose, here as when they sign up; an admin grants the others."""
ASKED = frozenset({"consultant", "instructor"})


class OnboardingState(Row):
    """One person in one flow. It is there from the first step on; the person's row is the lock.

    Attributes:
        answers: By step. Those of a step that is no more on the way, because another role was chosen, are kept.
        skipped: The steps that were passed over.
        asked_roles: The roles of which admins were told already.
    """

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name=False, on_delete=fields.CASCADE
    )
    user_id: UUID
    flow: fields.ForeignKeyRelation[OnboardingFlow] = fields.ForeignKeyField(
        "models.OnboardingFlow", related_name=False, on_delete=fields.RESTRICT
    )
    flow_id: UUID
    answers: dict[str, dict[str, Any]] = fields.JSONField(default=dict)
    skipped: list[str] = ArrayField("text", default=list)
    asked_roles: list[str] = ArrayField("text", default=list)
    completed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "onboarding_state"
        unique_together = (("user_id", "flow_id"),)

    @classmethod
    async def of(cls, user_id: UUID) -> Self:
        """Where somebody stands, to be read only; who has not begun stands before the first step."""
        state = await cls._begun(user_id)
        if state is None:
            state = cls(user_id=user_id)
            state.flow = OnboardingFlow.current()
        return state

    @classmethod
    async def _begun(cls, user_id: UUID) -> Self | None:
        return await cls.filter(user_id=user_id).select_related("flow").order_by("-flow__version").first()

    @classmethod
    async def locked_of(cls, work: Work, user_id: UUID) -> Self:
        """To be changed: made where somebody begins."""
        await User.locked().get(id=user_id)
        return await cls._begun(user_id) or cls(user_id=user_id, flow=await OnboardingFlow.stored(work))

    @property
    def role(self) -> str | None:
        """What was answered to the first step."""
        role: str | None = self.answers.get("role", {}).get("role")
        return role

    @property
    def path(self) -> list[Step]:
        """The steps on this person's way."""
        return self.flow.path(self.role)

    def status_of(self, step: Step) -> str:
        """What became of a step: pending, submitted or skipped."""
        if step.name in self.skipped:
            return "skipped"
        return "submitted" if step.name in self.answers else "pending"

    @property
    def next_step(self) -> str | None:
        """The first step that is neither answered nor skipped; None when none is left."""
        return next((step.name for step in self.path if self.status_of(step) == "pending"), None)

    @property
    def progress_percentage(self) -> int:
        """How much of the way lies behind them."""
        path = self.path
        return 100 * sum(self.status_of(step) != "pending" for step in path) // len(path)

    def told(self) -> dict[str, Any]:
        """All that is told of it."""
        steps = [
            {
                "name": step.name,
                "title": step.title,
                "optional": step.optional,
                "status": self.status_of(step),
                "answers_schema": step.schema,
            }
            for step in self.path
        ]
        return {
            "flow": {"name": self.flow.name, "version": self.flow.version},
            "steps": steps,
            "answers": {step.name: self.answers[step.name] for step in self.path if step.name in self.answers},
            "next_step": self.next_step,
            "progress_percentage": self.progress_percentage,
            "completed_at": self.completed_at,
        }

    async def submit(self, work: Work, name: str, answers: Mapping[str, Any]) -> None:
        """Answer the next step, or an earlier one anew; what it has as a consequence happens with it.

        Raises Invalid for a step that is not on the way, InvalidState for a later one and after the end, and pydantic's
        ValidationError for answers that do not fit.
        """
        step = self._reached(name)
        self.answers = {**self.answers, name: step.read(answers)}
        self.skipped = [one for one in self.skipped if one != name]
        if name == "role":
            await self._take_role(work)
        if name == "notifications":
            await self._choose_mails(work)
        await self._keep(work)

    async def skip(self, work: Work, name: str) -> None:
        """Pass over a step that is optional; one that was skipped already stays so.

        Raises Invalid for a step that is not on the way, InvalidState for one that is not optional, was answered, or
        comes later, and after the end.
        """
        step = self._reached(name)
        if not step.optional:
            raise InvalidState("This step cannot be skipped.", state="required")
        if self.status_of(step) == "submitted":
            raise InvalidState("This step has been answered.", state="submitted")
        if self.status_of(step) == "pending":
            self.skipped = [*self.skipped, name]
            await self._keep(work)

    async def complete(self, work: Work) -> None:
        """End it once; where it has ended already nothing happens. Raises InvalidState while steps are left."""
        if self.completed_at is not None:
            return
        if self.next_step is not None:
            raise InvalidState("There are steps left.", state="incomplete", next_step=self.next_step)
        self.completed_at = work.now
        await self.save()
        told = {**self.told(), "recommendations": await self.recommendations()}
        work.emit(user_topic(self.user_id), "onboarding.completed", told)
        await Notification.notify(
            work,
            self.user_id,
            "onboarding.completed",
            title="Welcome to Nexa",
            body="Your introduction is complete. You can change what you have told us in your profile.",
        )

    async def recommendations(self) -> dict[str, list[Any]]:
        """What fits the answers. Courses and jobs do not exist here yet, so that their lists are empty."""
        packages = await packages_for(self.answers)
        shown = [{"id": one.id, "title": one.title, "category": one.category} for one in packages]
        return {"packages": shown, "courses": [], "jobs": []}

    def _reached(self, name: str) -> Step:
        if self.completed_at is not None:
            raise InvalidState("Your introduction is complete already.", state="completed")
        names = [step.name for step in self.path]
        if name not in names:
            raise Invalid({"step": ["There is no such step on your way."]})
        following = self.next_step
        if following is not None and names.index(name) > names.index(following):
            raise InvalidState("There is a step before this one.", state="out_of_order", next_step=following)
        return self.path[names.index(name)]

    async def _keep(self, work: Work) -> None:
        await self.save()
        work.emit(user_topic(self.user_id), "onboarding.updated", self.told())

    async def _take_role(self, work: Work) -> None:
        """Grant the role that was chosen, or tell the admins, of each role once, who would like to have which."""
        role = self.role or ""
        if role in GRANTED:
            await grant_role(work, self.user_id, role)
        if role not in ASKED or role in self.asked_roles:
            return
        user = await User.get(id=self.user_id)
        if role in user.roles:
            return
        self.asked_roles = [*self.asked_roles, role]
        data = {"user_id": str(user.id), "role": role}
        title = f"{user.full_name} would like to be {'an' if role[0] in 'aeiou' else 'a'} {role}"
        work.emit("admin", "admin.alert", {"kind": "role.requested", "title": title, "data": data})
        admins: list[Any] = await User.filter(roles__contains=["admin"], status=ACTIVE).values_list("id", flat=True)
        await Notification.notify_each(work, admins, "role.requested", title=title, data=data)

    async def _choose_mails(self, work: Work) -> None:
        """Let mails come, or not, for all that one can choose it for."""
        wanted = bool(self.answers["notifications"]["email"])
        inbox = await Inbox.locked_of(work, self.user_id)
        await inbox.choose({name: {EMAIL: wanted} for name, one in TYPES.items() if EMAIL not in one.required})
