"""The questions that somebody new is asked, step by step."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ValidationError

from models.errors import Invalid
from models.onboarding import OnboardingState
from server.kernel.rpc import Ctx, Params, Text, View, command, logged_event, query, user
from server.kernel.validation import details_of


class FlowView(View):
    """Which questions these are."""

    name: str
    version: int


class StepView(View):
    """One step; its answers fit `answers_schema`, a JSON Schema. Only an optional one can be skipped."""

    name: str
    title: str
    optional: bool
    status: Literal["pending", "submitted", "skipped"]
    answers_schema: dict[str, Any]


class OnboardingView(View):
    """Where somebody stands: the steps on their way, what they have answered, and what comes next.

    The steps after the first depend on the role that is chosen there. `next_step` is null when none is left.
    """

    flow: FlowView
    steps: list[StepView]
    answers: dict[str, dict[str, Any]]
    next_step: str | None
    progress_percentage: int
    completed_at: datetime | None


class RecommendedPackage(View):
    """A package that may fit; `assessment.package.get` shows all of it."""

    id: UUID
    title: str
    category: str | None


class Recommendations(View):
    """What fits the answers, best first. Where a kind of thing does not exist on this server yet, its list is empty."""

    packages: list[RecommendedPackage]
    courses: list[dict[str, Any]]
    jobs: list[dict[str, Any]]


class CompletedView(OnboardingView):
    """The same, and what to begin with."""

    recommendations: Recommendations


onboarding_updated = logged_event("onboarding.updated", "user", OnboardingView, "A step was answered or skipped.")
onboarding_completed = logged_event("onboarding.completed", "user", CompletedView, "The last step is done.")


@query("onboarding.get", access=user)
async def get(ctx: Ctx) -> OnboardingView:
    """Where the caller stands; who has not begun stands before the first step."""
    return OnboardingView.of((await OnboardingState.of(ctx.user_id)).told())


StepName = Annotated[str, Text(max=40)]


class SubmitParams(Params):
    """Which step, and the answers, by the names in its `answers_schema`."""

    step: StepName
    answers: dict[Annotated[str, Text(max=80)], Any]


@command("onboarding.step.submit", access=user, audit=True)
async def submit(ctx: Ctx, params: SubmitParams) -> OnboardingView:
    """Answer the next step, or an earlier one anew.

    Choosing to be a job seeker or an employer grants that role; who wants to be a consultant or an instructor has
    asked the admins with it. Raises Invalid for answers that do not fit and for a step that is not on the caller's way,
    InvalidState (`out_of_order`, `completed`) for a later step and after the end.
    """
    state = await OnboardingState.locked_of(ctx.work, ctx.user_id)
    try:
        await state.submit(ctx.work, params.step, params.answers)
    except ValidationError as error:
        faults = details_of(error)
        raise Invalid({_below_answers(field): texts for field, texts in faults.items()}) from error
    return OnboardingView.of(state.told())


def _below_answers(field: str) -> str:
    return "answers" if field == "params" else f"answers.{field}"


class SkipParams(Params):
    """Which step."""

    step: StepName


@command("onboarding.step.skip", access=user)
async def skip(ctx: Ctx, params: SkipParams) -> OnboardingView:
    """Pass over an optional step.

    Raises Invalid for a step that is not on the caller's way, InvalidState (`required`, `submitted`, `out_of_order`,
    `completed`) where there is nothing to skip.
    """
    state = await OnboardingState.locked_of(ctx.work, ctx.user_id)
    await state.skip(ctx.work, params.step)
    return OnboardingView.of(state.told())


@command("onboarding.complete", access=user)
async def complete(ctx: Ctx) -> CompletedView:
    """End the introduction; doing so again changes nothing. Recommends what fits the answers.

    Raises InvalidState (`incomplete`) while steps are left.
    """
    state = await OnboardingState.locked_of(ctx.work, ctx.user_id)
    await state.complete(ctx.work)
    return CompletedView.of({**state.told(), "recommendations": await state.recommendations()})
