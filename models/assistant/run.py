"""Runs: each writes one reply, in a worker, and ends in a way that can be seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

from tortoise import fields
from uuid_utils.compat import uuid7

from models.assistant.charge import Charge
from models.assistant.message import Message
from models.assistant.thread import Thread
from models.base import Row
from models.errors import NotFound
from models.work import Work

QUEUED, STREAMING, COMPLETED, STOPPED, FAILED = "queued", "streaming", "completed", "stopped", "failed"
ACTIVE = (QUEUED, STREAMING)
MOST_ATTEMPTS = 3
TOLD_BYTES = 32 * 1024
LOST = "The answer could not be written. Please try again."


@dataclass(frozen=True, slots=True)
class Begun:
    """One attempt of a run, as the worker that makes it needs it."""

    run_id: UUID
    thread_id: UUID
    prompt_id: UUID
    reply_id: UUID
    model: str
    attempt: int

    @property
    def topic(self) -> str:
        """Where it is followed."""
        return f"thread:{self.thread_id}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt has ended, with what was written until then.

    Attributes:
        status: `completed`, `stopped` or `failed`.
        finish_reason: `stop` or `max_tokens`, of a completed one.
        kind: Of a failure, one word for programs.
        message: Of a failure, a sentence for the person.
    """

    status: str
    text: str
    prompt_tokens: int = 0
    output_tokens: int = 0
    finish_reason: str | None = None
    kind: str | None = None
    message: str | None = None
    retryable: bool = False


class Run(Row):
    """The writing of one reply.

    Attributes:
        prompt_id: What it answers, a message.
        attempt: Counts from 1 with the worker that begins it; a text belongs to one attempt.
        stop_requested_at: When its owner wanted it to end.
    """

    thread: fields.ForeignKeyRelation[Thread] = fields.ForeignKeyField(
        "models.Thread", related_name=False, on_delete=fields.CASCADE
    )
    thread_id: UUID
    prompt: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    prompt_id: UUID
    reply: fields.OneToOneRelation[Message] = fields.OneToOneField(
        "models.Message", related_name=False, on_delete=fields.CASCADE
    )
    reply_id: UUID
    model = fields.CharField(max_length=100)
    status = fields.CharField(max_length=16, default=QUEUED)
    attempt: int = fields.SmallIntField(default=0)
    stop_requested_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    finish_reason = fields.CharField(max_length=16, null=True)
    error_kind = fields.CharField(max_length=32, null=True)
    error_message: str | None = fields.TextField(null=True)
    retryable = fields.BooleanField(default=False)
    prompt_tokens: int = fields.IntField(default=0)
    output_tokens: int = fields.IntField(default=0)

    class Meta:
        table = "assistant_run"

    @property
    def run_id(self) -> UUID:
        """The id as other things call it."""
        return self.id

    @property
    def topic(self) -> str:
        """Where it is followed."""
        return f"thread:{self.thread_id}"

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.status in ACTIVE

    @property
    def usage(self) -> dict[str, int]:
        """Its tokens."""
        return {"prompt_tokens": self.prompt_tokens, "output_tokens": self.output_tokens}

    @classmethod
    async def active_in(cls, thread_id: UUID) -> Self | None:
        """The run of a thread that has not ended."""
        return await cls.filter(thread_id=thread_id, status__in=ACTIVE).first()

    @classmethod
    async def queue(cls, work: Work, thread: Thread, prompt: Message, model: str, *, ready: bool) -> Self:
        """Ask for an answer below a prompt; the thread is locked, and has no active run.

        What is not `ready` waits for its attachments, and is released by the last of them.
        """
        reply = await Message.add(work, thread.id, prompt.id, "model", model=model)
        run = cls(id=uuid7(), thread_id=thread.id, prompt_id=prompt.id, reply_id=reply.id, model=model)
        run.created_at = work.now
        await run.save(force_create=True)
        started = {"run_id": run.id, "message_id": prompt.id, "reply_id": reply.id, "model": model}
        work.emit(thread.topic, "assistant.run_started", started)
        if ready:
            run.release(work)
        return run

    def release(self, work: Work) -> None:
        """Let a worker begin."""
        work.defer("assistant.answer", self.id)

    @classmethod
    async def of(cls, user_id: UUID, run_id: UUID) -> Self:
        """A run of this person; raises NotFound for any other."""
        return await cls.get_or_not_found(cls.filter(thread__user_id=user_id), id=run_id)

    @classmethod
    async def _held(cls, run_id: UUID) -> Self | None:
        """A run whose thread is locked first; None where they are gone."""
        known = await cls.get_or_none(id=run_id)
        thread = None if known is None else await Thread.locked().get_or_none(id=known.thread_id)
        return None if thread is None else await cls.get_or_none(id=run_id)

    @classmethod
    async def begin(cls, work: Work, run_id: UUID, lost: Mapping[int, int] | None = None) -> Begun | None:
        """Begin to write, or begin anew after a worker that died; None where there is nothing to write any more.

        `lost` are attempts that nobody has charged for, with the characters that each has written.
        """
        run = await cls._held(run_id)
        await Charge.settle_lost(work, run_id, lost or {})
        if run is None or not run.active:
            return None
        if run.stop_requested_at is not None:
            await run.end(work, Outcome(STOPPED, ""))
            return None
        if run.attempt >= MOST_ATTEMPTS:
            failed = Outcome(FAILED, "", kind="worker_lost", message=LOST, retryable=True)
            await run.end(work, failed)
            return None
        run.attempt += 1
        run.status = STREAMING
        await run.save(update_fields=["attempt", "status", "updated_at"])
        if run.attempt > 1:
            work.emit(run.topic, "assistant.run_restarted", {"run_id": run.id, "attempt": run.attempt})
        return Begun(run.id, run.thread_id, run.prompt_id, run.reply_id, run.model, run.attempt)

    @classmethod
    async def finish(cls, work: Work, begun: Begun, outcome: Outcome) -> bool:
        """Store how an attempt has ended, and tell it; False where it is not this attempt that counts.

        It is charged for in any case: also when its thread was deleted, or another attempt took its place.
        """
        run = await cls._held(begun.run_id)
        await Charge.settle(work, begun.run_id, begun.attempt, outcome.prompt_tokens, outcome.output_tokens)
        if run is None or run.status != STREAMING or run.attempt != begun.attempt:
            return False
        await run.end(work, outcome)
        return True

    async def end(self, work: Work, outcome: Outcome) -> None:
        """End this run, in the one way in which runs end; its thread is locked."""
        self.status, self.ended_at = outcome.status, work.now
        self.finish_reason = outcome.finish_reason
        self.error_kind, self.error_message, self.retryable = outcome.kind, outcome.message, outcome.retryable
        self.prompt_tokens, self.output_tokens = outcome.prompt_tokens, outcome.output_tokens
        await self.save()
        await Message.filter(id=self.reply_id).update(text=outcome.text, updated_at=work.now)
        self._tell_end(work, outcome)

    def _tell_end(self, work: Work, outcome: Outcome) -> None:
        told = {"run_id": self.id, "reply_id": self.reply_id, "usage": self.usage}
        text = outcome.text if len(outcome.text.encode()) <= TOLD_BYTES else None
        match outcome.status:
            case "completed":
                data = {**told, "text": text, "finish_reason": outcome.finish_reason}
                work.emit(self.topic, "assistant.message_completed", data)
            case "stopped":
                work.emit(self.topic, "assistant.run_stopped", {**told, "text": text})
            case _:
                failed = {"kind": outcome.kind, "message": outcome.message, "retryable": outcome.retryable}
                work.emit(self.topic, "assistant.run_failed", {**told, "text": text, **failed})

    @classmethod
    async def stop(cls, work: Work, user_id: UUID, run_id: UUID) -> bool:
        """Ask a run to end; False where it has ended already. Asking twice is no fault. Raises NotFound.

        One that no worker has begun ends at once.
        """
        await cls.of(user_id, run_id)
        run = await cls._held(run_id)
        if run is None:
            raise NotFound
        if not run.active:
            return False
        if run.status == QUEUED:
            await run.end(work, Outcome(STOPPED, ""))
            return True
        if run.stop_requested_at is None:
            run.stop_requested_at = work.now
            await run.save(update_fields=["stop_requested_at", "updated_at"])
        return True

    @classmethod
    async def wanted(cls, attempts: "dict[UUID, int]") -> set[UUID]:
        """Those of these runs whose attempt shall still be written."""
        rows = await cls.filter(id__in=list(attempts), status=STREAMING, stop_requested_at=None).values("id", "attempt")
        return {row["id"] for row in rows if attempts[row["id"]] == row["attempt"]}
