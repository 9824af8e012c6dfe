"""Question banks. A question keeps all its versions: an attempt asks the one that was there when it started."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from models.assessment.owned import Author, Owned
from models.assessment.question_types import Content, faults, largest_answer
from models.assessment.scoring import default_points
from models.base import Row
from models.errors import Invalid
from models.work import Work

CACHED = 5000


class Bank(Owned):
    """Questions of one author that belong together."""

    name = fields.CharField(max_length=200)
    description: str = fields.TextField(default="")

    class Meta:
        table = "question_bank"

    async def archive(self, work: Work) -> None:
        """Delete it with its questions: nothing is drawn from them any more."""
        await super().archive(work)
        await Question.filter(bank_id=self.id, archived_at=None).update(archived_at=work.now)


@dataclass(frozen=True, slots=True)
class Written:
    """What an author writes of a question; `points` None: what its way of marking says."""

    type: str
    stem: str
    options: Sequence[Mapping[str, str]]
    rows: Sequence[Mapping[str, str]]
    key: Mapping[str, Any]
    method: str
    pairs: Sequence[Sequence[str]]
    points: float | None
    rationale: str
    media: Sequence[Mapping[str, str]]
    tags: Sequence[str]
    difficulty: str

    @property
    def content(self) -> Content:
        """What is asked and what is right."""
        options, rows = ([one["id"] for one in each] for each in (self.options, self.rows))
        return Content(self.type, options, rows, self.key, self.method, self.pairs)

    def columns(self) -> dict[str, Any]:
        """The columns of a version; raises Invalid where it cannot be asked."""
        if details := faults(self.content):
            raise Invalid(details)
        values = {name: getattr(self, name) for name in VERSION_COLUMNS}
        return values | {"points": default_points(self.content) if self.points is None else self.points}


VERSION_COLUMNS = (
    "type",
    "stem",
    "options",
    "rows",
    "key",
    "method",
    "pairs",
    "rationale",
    "media",
    "tags",
    "difficulty",
)


class Question(Owned):
    """One question. What it asks is in its versions; what it is found by is its newest version's."""

    bank: fields.ForeignKeyRelation[Bank] = fields.ForeignKeyField(
        "models.Bank", related_name="questions", on_delete=fields.RESTRICT, db_index=True
    )
    bank_id: UUID
    version: int = fields.IntField(default=1)
    version_id: UUID = fields.UUIDField()
    type = fields.CharField(max_length=16)
    tags: list[str] = ArrayField("text", default=list)
    difficulty = fields.CharField(max_length=16)

    class Meta:
        table = "question"

    @classmethod
    async def write(cls, author: Author, bank_id: UUID, written: Written) -> "QuestionVersion":
        """Add a question to an own bank; raises Invalid where it cannot be asked, NotFound for another's bank."""
        columns = written.columns()
        # Locked, so that the bank is not deleted meanwhile without this question.
        bank = await Bank.taken(author, bank_id)
        found = {name: columns[name] for name in ("type", "tags", "difficulty")}
        question = cls(owner_id=bank.owner_id, bank_id=bank.id, version_id=uuid7(), **found)
        await question.save()
        return await QuestionVersion.of_question(question, columns)

    @classmethod
    async def rewrite(
        cls, author: Author, question_id: UUID, given: Mapping[str, Any], if_rev: int | None = None
    ) -> "QuestionVersion":
        """Make a new version of an own question, in which what is given is another.

        Attempts that have started go on asking the old one. Raises as `write` does, and StaleRevision.
        """
        question = await cls.taken(author, question_id, if_rev)
        old = await QuestionVersion.get(id=question.version_id)
        before = {name: getattr(old, name) for name in VERSION_COLUMNS}
        columns = Written(**{**before, "points": old.points, **given}).columns()
        found = {name: columns[name] for name in ("type", "tags", "difficulty")}
        await question.change({**found, "version": question.version + 1, "version_id": uuid7()})
        return await QuestionVersion.of_question(question, columns)

    @classmethod
    def drawable(cls, bank_id: UUID, tags: Sequence[str], difficulty: str | None) -> "QuerySet[Self]":
        """The questions of a bank that have all of these tags and this difficulty."""
        rows = cls.filter(bank_id=bank_id, archived_at=None)
        if tags:
            rows = rows.filter(tags__contains=list(tags))
        return rows if difficulty is None else rows.filter(difficulty=difficulty)


class QuestionVersion(Row):
    """One version of a question; it is never changed.

    Attributes:
        options: Objects with `id` and `text`; a matrix's columns.
        rows: The same; of a matrix only.
        key: What is right (models/assessment/question_types.py).
        method: How answers are marked (models/assessment/scoring.py), with `pairs` and `points`.
    """

    question: fields.ForeignKeyRelation[Question] = fields.ForeignKeyField(
        "models.Question", related_name="versions", on_delete=fields.RESTRICT
    )
    question_id: UUID
    number: int = fields.IntField()
    type = fields.CharField(max_length=16)
    stem: str = fields.TextField()
    options: list[dict[str, str]] = fields.JSONField(default=list)
    rows: list[dict[str, str]] = fields.JSONField(default=list)
    key: dict[str, Any] = fields.JSONField()
    method = fields.CharField(max_length=16)
    pairs: list[list[str]] = fields.JSONField(default=list)
    points: float = fields.FloatField()
    rationale: str = fields.TextField(default="")
    media: list[dict[str, str]] = fields.JSONField(default=list)
    tags: list[str] = ArrayField("text", default=list)
    difficulty = fields.CharField(max_length=16)

    class Meta:
        table = "question_version"
        unique_together = (("question_id", "number"),)

    @classmethod
    async def of_question(cls, question: Question, columns: Mapping[str, Any]) -> Self:
        """Keep a question's newest version under the id that the question names."""
        version = cls(id=question.version_id, question_id=question.id, number=question.version, **columns)
        await version.save(force_create=True)
        return version

    @cached_property
    def content(self) -> Content:
        """What is asked and what is right."""
        options, rows = ([one["id"] for one in each] for each in (self.options, self.rows))
        return Content(self.type, options, rows, self.key, self.method, self.pairs, self.points)

    @cached_property
    def size(self) -> int:
        """About how many bytes it takes to show it with the longest answer that it can have."""
        texts = [self.stem, *(one["text"] for one in (*self.options, *self.rows))]
        shown = sum(len(text.encode()) + 60 for text in texts) + 1100 * len(self.media)
        return shown + largest_answer(self.content) + 400

    @classmethod
    async def known(cls, ids: Iterable[UUID]) -> dict[UUID, "QuestionVersion"]:
        """Versions by their ids, from memory where they were read before: they never change."""
        wanted = set(ids)
        missing = [id_ for id_ in wanted if id_ not in _CACHE]
        read = {row.id: row for row in await cls.filter(id__in=missing)} if missing else {}
        found = {id_: _CACHE[id_] if id_ in _CACHE else read[id_] for id_ in wanted}
        _remember(found)
        return found


_CACHE: OrderedDict[UUID, QuestionVersion] = OrderedDict()


def _remember(versions: Mapping[UUID, QuestionVersion]) -> None:
    for id_, version in versions.items():
        _CACHE[id_] = version
        _CACHE.move_to_end(id_)
    while len(_CACHE) > CACHED:
        _CACHE.popitem(last=False)
