"""Assessments: the rules of an exam or a practice, and the sections that it is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields

from models.assessment.bank import Bank, Question, QuestionVersion
from models.assessment.layout import FREE, RANDOM, Layout, Part, Place, place_of
from models.assessment.owned import Author, Owned
from models.assessment.package import Package
from models.assessment.results import DEFAULT_POLICY, HIGHEST
from models.assessment.timing import AUTOSUBMIT
from models.base import Row
from models.errors import Invalid, InvalidState, NotFound
from models.work import Work

EXAM = "exam"
MOST_QUESTIONS = 300
LARGEST_BYTES = 400_000
"""What all questions of an attempt and their longest answers may hold together, so that it fits into one frame."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What a section asks: one question, or some that are drawn from a bank for each attempt anew.

    Attributes:
        tags: Of drawn ones: they have all of these.
        points: What each is worth here; None: what it is worth by itself.
    """

    question_id: UUID | None = None
    bank_id: UUID | None = None
    count: int = 1
    tags: Sequence[str] = ()
    difficulty: str | None = None
    points: float | None = None

    def kept(self) -> dict[str, Any]:
        """As the section's row keeps it."""
        return {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(self).items()}

    @classmethod
    def parse(cls, kept: Mapping[str, Any]) -> "Pick":
        """What `kept` made."""
        ids = {name: UUID(kept[name]) for name in ("question_id", "bank_id") if kept[name]}
        return cls(**{**kept, **ids})


@dataclass(frozen=True, slots=True)
class Written:
    """A section as its author writes it."""

    title: str
    instructions: str
    picks: Sequence[Pick]


class Assessment(Owned):
    """An exam or a practice.

    Attributes:
        package_id: What it is offered in; None: it is free.
        time_limit_seconds: None: as long as one likes, until `closes_at`.
        max_attempts: None: any number.
        pausing: Whether an attempt may be paused.
        shuffle: With `questions` and `options`.
        review_policy: By `during`, `after_submit`, `after_close` what is shown (models/assessment/results.py).
        passing_percentage: None: nothing has to be passed.
    """

    package: fields.ForeignKeyNullableRelation[Package] = fields.ForeignKeyField(
        "models.Package", related_name="assessments", on_delete=fields.RESTRICT, null=True, db_index=True
    )
    package_id: UUID | None
    title = fields.CharField(max_length=200)
    published = fields.BooleanField(default=False)
    description: str = fields.TextField(default="")
    category = fields.CharField(max_length=80, null=True)
    mode = fields.CharField(max_length=16, default=EXAM)
    time_limit_seconds: int | None = fields.IntField(null=True)
    opens_at: datetime | None = fields.DatetimeField(null=True)
    closes_at: datetime | None = fields.DatetimeField(null=True)
    max_attempts: int | None = fields.IntField(null=True)
    overdue_handling = fields.CharField(max_length=16, default=AUTOSUBMIT)
    grace_period_seconds: int = fields.IntField(default=0)
    navigation = fields.CharField(max_length=16, default=FREE)
    pausing = fields.BooleanField(default=False)
    shuffle: dict[str, bool] = fields.JSONField(default=dict)
    review_policy: dict[str, list[str]] = fields.JSONField(default=lambda: {k: [*v] for k, v in DEFAULT_POLICY.items()})
    passing_percentage: float | None = fields.FloatField(null=True)
    grading_method = fields.CharField(max_length=16, default=HIGHEST)
    access_code = fields.CharField(max_length=64, null=True)
    question_count: int = fields.IntField(default=0)

    class Meta:
        table = "assessment"

    @property
    def topic(self) -> str:
        """What its instructors follow."""
        return f"assessment:{self.id}"

    @classmethod
    async def visible(cls, author: Author | None, id_: UUID) -> "Assessment":
        """One that is published, or within an author's reach; raises NotFound for any other."""
        row = await cls.get_or_not_found(id=id_, archived_at=None)
        if row.published or (author is not None and (author.everything or row.owner_id == author.user_id)):
            return row
        raise NotFound

    @classmethod
    async def make(cls, author: Author, values: Mapping[str, Any], sections: Sequence[Written]) -> "Assessment":
        """Make one that nobody else sees yet; raises Invalid for a package, bank or question of another."""
        await _hold_package(author, values.get("package_id"))
        row = cls(owner_id=author.user_id, **values)
        row.refuse_contradictions()
        await row.save()
        await Section.replace(author, row, sections)
        return row

    async def rewrite(
        self, work: Work, author: Author, values: Mapping[str, Any], sections: Sequence[Written] | None
    ) -> None:
        """Change what is given, and tell; the row is locked. What runs goes on by the rules that it began with."""
        await _hold_package(author, values.get("package_id"))
        names = await self.change(values, children=sections is not None)
        if sections is not None:
            await Section.replace(author, self, sections)
            names.append("sections")
        if self.published:
            await self.drawn()
        if names:
            self.tell(work, names)

    def refuse_contradictions(self) -> None:
        """Raise Invalid where the rules contradict each other."""
        details: dict[str, list[str]] = {}
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            details["closes_at"] = ["This must be later than opens_at."]
        if details:
            raise Invalid(details)

    async def publish(self, work: Work, *, published: bool) -> None:
        """Let people begin it, or no longer; raises InvalidState where it cannot be asked as it is."""
        if published:
            await self._refuse_withdrawn_package()
            await self.drawn()
        if await self.change({"published": published}):
            self.tell(work, ["published"])

    async def _refuse_withdrawn_package(self) -> None:
        """Raise InvalidState where the package was deleted; it is locked, so that it is not deleted meanwhile."""
        if self.package_id is None:
            return
        package = await Package.filter(id=self.package_id).select_for_update(no_key=True).get()
        if package.archived_at is not None:
            text = "The package of this assessment was deleted. Move the assessment to another package first."
            raise InvalidState(text, state="package_deleted")

    async def remove(self, work: Work) -> None:
        """Delete it, or where there are attempts take it out of sight: they stay."""
        self.published = False
        await self.save(update_fields=["published", "updated_at"])
        await self.archive(work)
        self.tell(work, ["archived"])

    def tell(self, work: Work, names: Iterable[str]) -> None:
        """Tell those who follow it what is another now."""
        told = {"assessment_id": self.id, "fields": sorted(names), "published": self.published, "rev": self.rev}
        work.emit(self.topic, "assessment.updated", told)

    async def drawn(self) -> Layout:
        """What one attempt asks: drawn, shuffled, and not too much.

        Raises InvalidState where there is nothing to ask, a bank has too few questions, or an attempt would be too
        large.
        """
        sections = await Section.filter(assessment_id=self.id).order_by("position")
        taken: set[UUID] = set()
        parts = [await section.drawn(taken, self.shuffle) for section in sections]
        layout = Layout(parts)
        if not layout.places:
            raise InvalidState("There is nothing to ask in this assessment yet.", state="empty")
        if len(layout.places) > MOST_QUESTIONS:
            raise InvalidState(f"An attempt may ask at most {MOST_QUESTIONS} questions.", state="too_large")
        await _refuse_too_large(layout)
        return layout


async def _hold_package(author: Author, package_id: UUID | None) -> None:
    """Lock a package, so that it is not withdrawn meanwhile; raises Invalid for what is not the author's."""
    if package_id is None:
        return
    try:
        await Package.taken(author, package_id)
    except NotFound as error:
        raise Invalid({"package_id": ["You have no such package."]}) from error


async def _refuse_too_large(layout: Layout) -> None:
    versions = await QuestionVersion.known(place.version_id for place in layout.places.values())
    size = sum(one.size for one in versions.values())
    if size > LARGEST_BYTES:
        text = f"The questions of an attempt and their answers may take {size} bytes; {LARGEST_BYTES} can be shown."
        raise InvalidState(text, state="too_large")


class Section(Row):
    """One part of an assessment. They are replaced together: an attempt has its own copy of what it needs.

    Attributes:
        picks: What it asks (`Pick`).
    """

    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "models.Assessment", related_name="sections", on_delete=fields.CASCADE
    )
    assessment_id: UUID
    position: int = fields.IntField()
    title = fields.CharField(max_length=200)
    instructions: str = fields.TextField(default="")
    picks: list[dict[str, Any]] = fields.JSONField(default=list)

    class Meta:
        table = "assessment_section"
        unique_together = (("assessment_id", "position"),)

    @classmethod
    async def replace(cls, author: Author, assessment: Assessment, sections: Sequence[Written]) -> None:
        """Put these in the place of what was there; raises Invalid for what is not the author's."""
        await _refuse_foreign_picks(author, sections)
        await cls.filter(assessment_id=assessment.id).delete()
        for position, one in enumerate(sections, 1):
            picks = [pick.kept() for pick in one.picks]
            row = cls(assessment_id=assessment.id, position=position, title=one.title, picks=picks)
            row.instructions = one.instructions
            await row.save()
        assessment.question_count = sum(pick.count for section in sections for pick in section.picks)
        await assessment.save(update_fields=["question_count", "updated_at"])

    async def drawn(self, taken: set[UUID], shuffle: Mapping[str, bool]) -> Part:
        """What it asks in one attempt; no question twice, so what is asked is put among the `taken`."""
        places = [place for kept in self.picks for place in await _places(Pick.parse(kept), taken, shuffle)]
        if shuffle.get("questions"):
            RANDOM.shuffle(places)
        return Part(self.id, self.title, self.instructions, places)


async def _places(pick: Pick, taken: set[UUID], shuffle: Mapping[str, bool]) -> list[Place]:
    if pick.question_id is not None:
        questions = await Question.filter(id=pick.question_id, archived_at=None)
    elif pick.bank_id is not None:
        questions = await Question.drawable(pick.bank_id, pick.tags, pick.difficulty)
    questions = [one for one in questions if one.id not in taken]
    if len(questions) < pick.count:
        text = f"A section wants {pick.count} questions, of which {len(questions)} are there."
        raise InvalidState(text, state="too_few_questions")
    chosen = questions if pick.question_id else RANDOM.sample(questions, pick.count)
    taken.update(one.id for one in chosen)
    versions = await QuestionVersion.known(one.version_id for one in chosen)
    shuffled = bool(shuffle.get("options"))
    return [place_of(versions[one.version_id], pick.points, shuffled=shuffled) for one in chosen]


async def _refuse_foreign_picks(author: Author, sections: Sequence[Written]) -> None:
    """Raise Invalid, naming each place, where a question or bank is not the author's, or a question is picked twice."""
    picks = [pick for section in sections for pick in section.picks]
    questions = await _owned(Question, author, [one.question_id for one in picks if one.question_id])
    banks = await _owned(Bank, author, [one.bank_id for one in picks if one.bank_id])
    details: dict[str, list[str]] = {}
    picked: set[UUID] = set()
    for number, section in enumerate(sections):
        for place, pick in enumerate(section.picks):
            at = f"sections.{number}.picks.{place}"
            if pick.question_id in picked:
                details[f"{at}.question_id"] = ["This question is picked already; an attempt asks it once."]
            if pick.question_id:
                picked.add(pick.question_id)
            if pick.question_id and pick.question_id not in questions:
                details[f"{at}.question_id"] = ["You have no such question."]
            if pick.bank_id and pick.bank_id not in banks:
                details[f"{at}.bank_id"] = ["You have no such bank."]
    if details:
        raise Invalid(details)


async def _owned(kind: type[Question] | type[Bank], author: Author, ids: Sequence[UUID]) -> set[UUID]:
    rows: list[Any] = await kind.of(author).filter(id__in=list(ids)).values_list("id", flat=True) if ids else []
    return set(rows)
