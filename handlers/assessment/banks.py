"""Question banks, and the questions in them. Only their authors, and admins, ever see a question with its key."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from handlers.assessment.common import Points, author_of, authors, authors_own, given
from handlers.assessment.views import Choice, Medium, QuestionType
from models.assessment import Bank, Question, QuestionVersion
from models.assessment.bank import Written
from models.assessment.question_types import LONGEST_TEXT
from server.kernel.rpc import (
    Ctx,
    Deleted,
    ListParams,
    LongText,
    Number,
    OptionalText,
    Page,
    Params,
    Rev,
    Tags,
    Text,
    Title,
    View,
    command,
    keyset,
    page_of,
    query,
)

Difficulty = Literal["easy", "medium", "hard"]
Method = Literal["all_or_nothing", "partial", "zero_one", "plus_minus", "rationale"]
Id = Annotated[str, Text(max=32), Field(pattern=r"^[A-Za-z0-9_-]+$")]


class BankView(View):
    """One bank."""

    id: UUID
    owner_id: UUID
    name: str
    description: str
    rev: int
    created_at: datetime
    updated_at: datetime


class OneBank(Params):
    """Which bank."""

    bank_id: UUID


class CreateBank(Params):
    """What it is called."""

    name: Title
    description: OptionalText = ""


class UpdateBank(OneBank):
    """What to change; what is left out stays."""

    name: Title | None = None
    description: OptionalText | None = None
    if_rev: Rev | None = None


class ListBanks(ListParams):
    """A page of the banks, newest first."""


@query("assessment.bank.list", access=authors)
async def list_banks(ctx: Ctx, params: ListBanks) -> Page[BankView]:
    """The caller's own banks, newest first; for admins everybody's."""
    found = await keyset(Bank.of(author_of(ctx)), params)
    return page_of(found, [BankView.of(row) for row in found.rows])


@command("assessment.bank.create", access=authors)
async def create_bank(ctx: Ctx, params: CreateBank) -> BankView:
    """Make a bank without questions."""
    return BankView.of(await Bank.create(owner_id=ctx.user_id, **params.model_dump()))


@command("assessment.bank.update", access=authors_own)
async def update_bank(ctx: Ctx, params: UpdateBank) -> BankView:
    """Change a bank. Raises StaleRevision where `if_rev` is not its rev."""
    bank = await Bank.taken(author_of(ctx), params.bank_id, params.if_rev)
    await bank.change({name: value for name, value in given(params, "bank_id", "if_rev").items() if value is not None})
    return BankView.of(bank)


@command("assessment.bank.delete", access=authors_own)
async def delete_bank(ctx: Ctx, params: OneBank) -> Deleted:
    """Delete a bank with its questions: nothing is drawn from it any more. Attempts keep what they ask."""
    bank = await Bank.taken(author_of(ctx), params.bank_id)
    await bank.archive(ctx.work)
    return Deleted(deleted=True)


class KeyView(View):
    """What is right; which members there are depends on the type."""

    options: list[str] | None = None
    value: bool | float | None = None
    tolerance: float | None = None
    accepted: list[str] | None = None
    case_sensitive: bool | None = None
    order: list[str] | None = None
    rows: dict[str, list[str]] | None = None


class ScoringView(View):
    """How answers are marked, and what a wholly right one is worth."""

    method: Method
    points: float
    pairs: list[list[str]]


class QuestionView(View):
    """One question with its key, in one of its versions."""

    id: UUID
    bank_id: UUID
    version: int
    type: QuestionType
    stem: str
    options: list[Choice]
    rows: list[Choice]
    key: KeyView
    scoring: ScoringView
    rationale: str
    tags: list[str]
    difficulty: Difficulty
    media: list[Medium]
    rev: int
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of_version(cls, question: Question, version: QuestionVersion) -> "QuestionView":
        """A question as one of its versions has it."""
        own = ("id", "bank_id", "rev", "created_at", "updated_at")
        names = ("type", "stem", "options", "rows", "key", "rationale", "tags", "difficulty", "media")
        scoring = {name: getattr(version, name) for name in ("method", "points", "pairs")}
        return cls.of(
            {
                **{name: getattr(question, name) for name in own},
                **{name: getattr(version, name) for name in names},
                "version": version.number,
                "scoring": scoring,
            }
        )


class ChoiceParams(Params):
    """Something to choose, or a row of a matrix."""

    id: Id
    text: Annotated[str, Text(max=2000, blank=False)]


class MediumParams(Params):
    """Where it is, and what it shows."""

    url: Annotated[str, Text(max=500), Field(pattern=r"^https?://[^\s]{3,}$")]
    alt: Annotated[str, Text(max=500)] = ""


Ids = Annotated[list[Id], Field(max_length=30)]
Accepted = Annotated[str, Text(max=LONGEST_TEXT, blank=False)]


class KeyParams(Params):
    """What is right, in the members that the type wants.

    single, multiple: `options`; true_false: `value`; numeric: `value`, `tolerance`; short_text: `accepted`,
    `case_sensitive`; ordered: `order`; matrix: `rows`.
    """

    options: Ids | None = None
    value: bool | Number | None = None
    tolerance: Number | None = None
    accepted: Annotated[list[Accepted], Field(max_length=50)] | None = None
    case_sensitive: bool | None = None
    order: Ids | None = None
    rows: Annotated[dict[Id, Ids], Field(max_length=30)] | None = None


class ScoringParams(Params):
    """How answers are marked. Without `points` a question is worth what the method says; `pairs`: for rationale."""

    method: Method = "all_or_nothing"
    points: Points | None = None
    pairs: Annotated[list[Annotated[list[Id], Field(min_length=2, max_length=3)]], Field(max_length=15)] = Field(
        default=[]
    )


Choices = Annotated[list[ChoiceParams], Field(max_length=30)]
Media = Annotated[list[MediumParams], Field(max_length=5)]


class CreateQuestion(Params):
    """What is asked, and what is right."""

    bank_id: UUID
    type: QuestionType
    stem: LongText
    options: Choices = Field(default=[])
    rows: Choices = Field(default=[])
    key: KeyParams
    scoring: ScoringParams = ScoringParams()
    rationale: OptionalText = ""
    tags: Tags = Field(default=[])
    difficulty: Difficulty = "medium"
    media: Media = Field(default=[])

    def written(self) -> Written:
        """What the model takes."""
        return Written(**_written(self.model_dump(exclude={"bank_id"})))


class OneQuestion(Params):
    """Which question."""

    question_id: UUID


class GetQuestion(OneQuestion):
    """Which question, and in which version; left out: the newest."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class UpdateQuestion(OneQuestion):
    """What is another in the new version; what is left out stays."""

    type: QuestionType | None = None
    stem: LongText | None = None
    options: Choices | None = None
    rows: Choices | None = None
    key: KeyParams | None = None
    scoring: ScoringParams | None = None
    rationale: OptionalText | None = None
    tags: Tags | None = None
    difficulty: Difficulty | None = None
    media: Media | None = None
    if_rev: Rev | None = None


def _written(given_: dict[str, Any]) -> dict[str, Any]:
    """The members of a question as the model names them."""
    values = {name: value for name, value in given_.items() if value is not None}
    if "key" in values:
        values["key"] = {name: value for name, value in values["key"].items() if value is not None}
    scoring: dict[str, Any] = values.pop("scoring", {})
    return values | scoring


class QuestionFilter(Params):
    """Which questions; what is left out does not matter."""

    bank_id: UUID | None = None
    tag: Annotated[str, Text(max=40)] | None = None
    type: QuestionType | None = None
    difficulty: Difficulty | None = None


class ListQuestions(ListParams):
    """A page of the questions, newest first."""

    filter: QuestionFilter = QuestionFilter()


@query("assessment.question.list", access=authors)
async def list_questions(ctx: Ctx, params: ListQuestions) -> Page[QuestionView]:
    """The caller's own questions with their keys, newest first; for admins everybody's."""
    wanted = params.filter
    rows = Question.of(author_of(ctx)).filter(**wanted.model_dump(exclude_none=True, exclude={"tag"}))
    if wanted.tag is not None:
        rows = rows.filter(tags__contains=[wanted.tag])
    found = await keyset(rows, params)
    versions = await QuestionVersion.known(row.version_id for row in found.rows)
    return page_of(found, [QuestionView.of_version(row, versions[row.version_id]) for row in found.rows])


@query("assessment.question.get", access=authors_own)
async def get_question(ctx: Ctx, params: GetQuestion) -> QuestionView:
    """An own question with its key, as it is or as it was in an earlier version."""
    question = await Question.owned(author_of(ctx), params.question_id)
    number = params.version or question.version
    return QuestionView.of_version(
        question, await QuestionVersion.get_or_not_found(question_id=question.id, number=number)
    )


@command("assessment.question.create", access=authors)
async def create_question(ctx: Ctx, params: CreateQuestion) -> QuestionView:
    """Add a question to an own bank. Raises Invalid, naming all that is wrong, NotFound for another's bank."""
    version = await Question.write(author_of(ctx), params.bank_id, params.written())
    return QuestionView.of_version(await version.question, version)


@command("assessment.question.update", access=authors_own)
async def update_question(ctx: Ctx, params: UpdateQuestion) -> QuestionView:
    """Make a new version of a question. Attempts that have begun go on asking the one that was there.

    Raises Invalid, naming all that is wrong, StaleRevision where `if_rev` is not its rev.
    """
    changes = _written(given(params, "question_id", "if_rev"))
    version = await Question.rewrite(author_of(ctx), params.question_id, changes, params.if_rev)
    return QuestionView.of_version(await version.question, version)


@command("assessment.question.delete", access=authors_own)
async def delete_question(ctx: Ctx, params: OneQuestion) -> Deleted:
    """Delete a question: it is asked no more. Attempts keep what they ask."""
    question = await Question.taken(author_of(ctx), params.question_id)
    await question.archive(ctx.work)
    return Deleted(deleted=True)
