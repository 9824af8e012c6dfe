"""Assessments: looking at them as somebody who may attempt them, and making them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handlers.assessment.common import Points, author_of, author_or_none, authors, authors_own, given, reader_of
from handlers.assessment.views import Navigation
from models.assessment import Assessment, Pick, Section
from models.assessment.assessment import MOST_QUESTIONS, Written
from models.assessment.results import DEFAULT_POLICY
from models.assessment.standing import readable, standings
from server.kernel.rpc import (
    Category,
    Ctx,
    Deleted,
    ListParams,
    Moment,
    OptionalText,
    Page,
    Params,
    Rev,
    Tags,
    Text,
    Title,
    View,
    Whole,
    command,
    exactly_one_of,
    keyset,
    page_of,
    query,
    user,
)

Mode = Literal["exam", "practice"]
Overdue = Literal["autosubmit", "graceperiod", "autoabandon"]
Grading = Literal["highest", "average", "first", "last"]
Shown = Literal["correctness", "score", "right_answer", "rationale"]
Difficulty = Literal["easy", "medium", "hard"]


class Shuffle(View):
    """What is in another order in each attempt."""

    questions: bool = False
    options: bool = False


class Policy(View):
    """What a person may see: while they work, once it is over, and once the window has closed."""

    during: list[Shown]
    after_submit: list[Shown]
    after_close: list[Shown]


class WindowView(View):
    """When the caller may begin; null: at any time."""

    opens_at: datetime | None
    closes_at: datetime | None


class GradeView(View):
    """What all the caller's graded attempts together come to."""

    percentage: float
    passed: bool | None


class PickView(View):
    """What a section asks: a question, or `count` that are drawn from a bank."""

    question_id: UUID | None
    bank_id: UUID | None
    count: int
    tags: list[str]
    difficulty: Difficulty | None
    points: float | None


class SectionView(View):
    """One section as its author wrote it."""

    title: str
    instructions: str
    picks: list[PickView]


class Authoring(View):
    """What only its author and admins see."""

    access_code: str | None
    sections: list[SectionView]


class AssessmentView(View):
    """One assessment, its rules, and where the caller stands with it.

    `window`, `allowed_seconds`, `attempts_left` are the caller's own, accommodations included. `grade` is null without
    a graded attempt, and while a score of theirs may not be shown. `authoring` is null for who did not make it, and in
    lists.
    """

    id: UUID
    owner_id: UUID
    package_id: UUID | None
    title: str
    description: str
    category: str | None
    mode: Mode
    time_limit_seconds: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    max_attempts: int | None
    overdue_handling: Overdue
    grace_period_seconds: int
    navigation: Navigation
    pausing: bool
    shuffle: Shuffle
    review_policy: Policy
    passing_percentage: float | None
    grading_method: Grading
    question_count: int
    published: bool
    access_code_required: bool
    rev: int
    created_at: datetime
    updated_at: datetime
    window: WindowView
    allowed_seconds: float | None
    attempts_used: int
    attempts_left: int | None
    current_attempt_id: UUID | None
    grade: GradeView | None
    authoring: Authoring | None


OWN = (
    *("id", "owner_id", "package_id", "title", "description", "category", "mode", "published", "rev"),
    *("time_limit_seconds", "opens_at", "closes_at", "max_attempts", "overdue_handling", "grace_period_seconds"),
    *("navigation", "pausing", "shuffle", "review_policy", "passing_percentage", "grading_method", "question_count"),
    *("created_at", "updated_at"),
)


async def views_of(ctx: Ctx, assessments: Sequence[Assessment]) -> list[AssessmentView]:
    """As the caller sees them in a list, who may be a guest."""
    stand = await standings(assessments, reader_of(ctx), ctx.now)
    return [AssessmentView.of(_members(one, stand[one.id])) for one in assessments]


async def view_of(ctx: Ctx, assessment: Assessment) -> AssessmentView:
    """As the caller sees one alone: its author and admins with what it asks."""
    author, sections = author_or_none(ctx), None
    if author is not None and (author.everything or assessment.owner_id == author.user_id):
        sections = await Section.filter(assessment_id=assessment.id).order_by("position")
    stand = await standings([assessment], ctx.user_id, ctx.now)
    return AssessmentView.of(_members(assessment, stand[assessment.id], sections))


def _members(assessment: Assessment, standing: object, sections: Sequence[Section] | None = None) -> dict[str, Any]:
    names = ("window", "allowed_seconds", "attempts_used", "attempts_left", "current_attempt_id", "grade")
    authoring = None
    if sections is not None:
        authoring = {"access_code": assessment.access_code, "sections": [SectionView.of(one) for one in sections]}
    return {
        **{name: getattr(assessment, name) for name in OWN},
        **{name: getattr(standing, name) for name in names},
        "access_code_required": assessment.access_code is not None,
        "authoring": authoring,
    }


class PickParams(Params):
    """Either `question_id`, or `bank_id` with how many are drawn of those that have all `tags` and the `difficulty`."""

    question_id: UUID | None = None
    bank_id: UUID | None = None
    count: Annotated[int, Field(ge=1, le=MOST_QUESTIONS)] = 1
    tags: Tags = Field(default=[])
    difficulty: Difficulty | None = None
    points: Points | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one_of(self, "question_id", "bank_id")
        if self.question_id is not None and (self.count != 1 or self.tags or self.difficulty):
            raise PydanticCustomError("rule", "Only what is drawn from a bank has count, tags, difficulty.")
        return self


class SectionParams(Params):
    """One section, and what it asks in which order."""

    title: Title
    instructions: OptionalText = ""
    picks: Annotated[list[PickParams], Field(max_length=MOST_QUESTIONS)] = Field(default=[])

    def written(self) -> Written:
        """What the model takes."""
        return Written(self.title, self.instructions, [Pick(**one.model_dump()) for one in self.picks])


class ShuffleParams(Params):
    """What is in another order in each attempt."""

    questions: bool = False
    options: bool = False


Opened = Annotated[list[Shown], Field(max_length=4)]


DEFAULTS: Any = {name: list(shown) for name, shown in DEFAULT_POLICY.items()}


class PolicyParams(Params):
    """What a person may see when; what is left out is as by default."""

    during: Opened = Field(default=DEFAULTS["during"])
    after_submit: Opened = Field(default=DEFAULTS["after_submit"])
    after_close: Opened = Field(default=DEFAULTS["after_close"])


Limit = Annotated[int, Field(ge=1, le=30 * 86_400)]
Attempts = Annotated[int, Field(ge=1, le=1000)]
Percentage = Annotated[float, Field(ge=0, le=100)]
Code = Annotated[str, Text(max=64, min=6)]
"""Compared as it is typed; with fewer characters it could be guessed."""
Sections = Annotated[list[SectionParams], Field(max_length=50)]
DAYS = Annotated[Whole, Field(le=86_400)]


class CreateAssessment(Params):
    """The rules, and what is asked. Nobody but its author sees it before `assessment.publish`."""

    title: Title
    description: OptionalText = ""
    package_id: UUID | None = None
    category: Category | None = None
    mode: Mode = "exam"
    time_limit_seconds: Limit | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    max_attempts: Attempts | None = None
    overdue_handling: Overdue = "autosubmit"
    grace_period_seconds: DAYS = 0
    navigation: Navigation = "free"
    pausing: bool = False
    shuffle: ShuffleParams = ShuffleParams()
    review_policy: PolicyParams = PolicyParams()
    passing_percentage: Percentage | None = None
    grading_method: Grading = "highest"
    access_code: Code | None = None
    sections: Sections = Field(default=[])


class OneAssessment(Params):
    """Which assessment."""

    assessment_id: UUID


class UpdateAssessment(OneAssessment):
    """What to change; what is left out stays. `sections` take the place of all that were there."""

    title: Title | None = None
    description: OptionalText | None = None
    package_id: UUID | None = None
    category: Category | None = None
    mode: Mode | None = None
    time_limit_seconds: Limit | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    max_attempts: Attempts | None = None
    overdue_handling: Overdue | None = None
    grace_period_seconds: DAYS | None = None
    navigation: Navigation | None = None
    pausing: bool | None = None
    shuffle: ShuffleParams | None = None
    review_policy: PolicyParams | None = None
    passing_percentage: Percentage | None = None
    grading_method: Grading | None = None
    access_code: Code | None = None
    sections: Sections | None = None
    if_rev: Rev | None = None

    def values(self) -> dict[str, Any]:
        """The columns to change: null empties those that may be empty, and leaves the others as they are."""
        values = given(self, "assessment_id", "sections", "if_rev")
        return {name: value for name, value in values.items() if value is not None or name in MAY_BE_EMPTY}


MAY_BE_EMPTY = frozenset({"package_id", "category", "opens_at", "closes_at", "access_code"}) | {
    *("time_limit_seconds", "max_attempts", "passing_percentage")
}


class PublishAssessment(OneAssessment):
    """Whether people may begin it."""

    published: bool


class AssessmentFilter(Params):
    """Which assessments; what is left out does not matter. `mine`: those that the caller has made."""

    package_id: UUID | None = None
    category: Category | None = None
    mode: Mode | None = None
    mine: bool = False


class ListAssessments(ListParams):
    """A page of the assessments, newest first."""

    filter: AssessmentFilter = AssessmentFilter()


@query("assessment.list", access=user, wider=authors_own)
async def list_assessments(ctx: Ctx, params: ListAssessments) -> Page[AssessmentView]:
    """The assessments that are published, newest first; with `filter.mine` all of the caller's own."""
    wanted = params.filter.model_dump(exclude_none=True, exclude={"mine"})
    rows = Assessment.filter(archived_at=None, **wanted)
    drafts = params.filter.mine and author_or_none(ctx) is not None
    rows = rows.filter(owner_id=ctx.user_id) if params.filter.mine else rows
    rows = rows if drafts else rows.filter(published=True)
    found = await keyset(rows, params)
    return page_of(found, await views_of(ctx, found.rows))


@query("assessment.get", access=user, wider=authors_own)
async def get(ctx: Ctx, params: OneAssessment) -> AssessmentView:
    """An assessment and where the caller stands with it.

    Raises NotFound for one that is not published, unless it is the caller's own, or asked by an attempt of theirs that
    is not over.
    """
    return await view_of(ctx, await readable(author_or_none(ctx), ctx.user_id, params.assessment_id))


@command("assessment.create", access=authors)
async def create(ctx: Ctx, params: CreateAssessment) -> AssessmentView:
    """Make an assessment that only its author sees. Raises Invalid for a package, bank or question of another."""
    values = params.model_dump(exclude={"sections"})
    sections = [one.written() for one in params.sections]
    return await view_of(ctx, await Assessment.make(author_of(ctx), values, sections))


@command("assessment.update", access=authors_own)
async def update(ctx: Ctx, params: UpdateAssessment) -> AssessmentView:
    """Change an assessment. Attempts that have begun go on by the rules that they began with.

    Raises Invalid for a package, bank or question of another, StaleRevision where `if_rev` is not its rev, InvalidState
    where it is published and could not be asked any more.
    """
    author = author_of(ctx)
    assessment = await Assessment.taken(author, params.assessment_id, params.if_rev)
    sections = None if params.sections is None else [one.written() for one in params.sections]
    await assessment.rewrite(ctx.work, author, params.values(), sections)
    return await view_of(ctx, assessment)


@command("assessment.publish", access=authors_own)
async def publish(ctx: Ctx, params: PublishAssessment) -> AssessmentView:
    """Let people begin an assessment, or no longer; what runs goes on.

    Raises InvalidState where it cannot be asked: `empty`, `too_few_questions` in a bank, `too_large`.
    """
    assessment = await Assessment.taken(author_of(ctx), params.assessment_id)
    await assessment.publish(ctx.work, published=params.published)
    return await view_of(ctx, assessment)


@command("assessment.delete", access=authors_own)
async def delete(ctx: Ctx, params: OneAssessment) -> Deleted:
    """Delete an assessment: nobody sees it any more. Attempts stay with those who made them, and what runs goes on."""
    assessment = await Assessment.taken(author_of(ctx), params.assessment_id)
    await assessment.remove(ctx.work)
    return Deleted(deleted=True)
