"""Writes one answer: what comes from the model goes, merged, into the buffer and then to whoever reads.

The order matters. A reader subscribes first and asks for the text so far then: because a piece is in the buffer before
it is told, a reader who was too late to be told finds it there.
"""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing

from clients.ports import Failure
from models.assistant import Begun, Outcome
from models.assistant.charge import CHARACTERS_A_TOKEN
from models.assistant.limits import AssistantLimits
from models.assistant.prompt import Prompt
from models.assistant.run import COMPLETED, FAILED, STOPPED
from models.kit.text import storable, utf16_length
from server.kernel import metrics
from server.kernel.tasks import TaskCtx
from workers.assistant.watch import WATCH

MERGE_SECONDS = 0.04
LONGEST_SECONDS = 600.0
LONGEST_CHARACTERS = 100_000
DELTA_CHARACTERS = 8_000
TOO_SLOW = "The answer took too long and was given up."
BROKEN = "The answer could not be written. Please try again."


class Answer:
    """One attempt."""

    def __init__(self, ctx: TaskCtx, begun: Begun, prompt: Prompt) -> None:
        self._ctx = ctx
        self._begun = begun
        self._prompt = prompt
        self._buffer = ctx.ports.runs.write(begun.run_id, begun.attempt)
        self._waiting: list[str] = []
        self._came = asyncio.Event()
        self._received = 0
        self._offset = 0
        self._tokens = (0, 0)
        self._ended: Outcome | None = None
        self._billed = True

    async def write(self) -> Outcome | None:
        """Stream until it ends, is stopped or fails; None where it is not this attempt that counts any more."""
        reading = asyncio.get_running_loop().create_task(self._read())
        reading.add_done_callback(lambda _: self._came.set())

        try:
            with WATCH.over(self._begun, reading.cancel):
                await self._pass_on(reading)
        finally:
            # Also where this task itself is cancelled: the call at the other side must not go on.
            reading.cancel()
            await asyncio.wait([reading])
        return self._outcome(reading)

    async def _read(self) -> None:
        """Take what the model says, in a task of its own: its cancellation ends the call at the other side."""
        begun = self._begun
        limits = self._ctx.limits(AssistantLimits)
        started = asyncio.get_running_loop().time()
        async with asyncio.timeout(LONGEST_SECONDS):
            pieces = self._ctx.ports.gemini.stream(
                model=begun.model,
                system=self._prompt.system,
                turns=self._prompt.turns,
                max_tokens=limits.answer_tokens,
            )
            async with aclosing(pieces):
                async for piece in pieces:
                    if not self._received and piece.text:
                        metrics.ASSISTANT_FIRST.observe(asyncio.get_running_loop().time() - started)
                    self._take(storable(piece.text))
                    self._tokens = (piece.prompt_tokens, piece.output_tokens)
                    if piece.failure is not None:
                        self._fail(piece.failure)
                        return
                    if piece.finish is not None or self._received >= LONGEST_CHARACTERS:
                        self._ended = Outcome(COMPLETED, "", finish_reason=piece.finish or "max_tokens")
                        return

    def _take(self, text: str) -> None:
        room = LONGEST_CHARACTERS - self._received
        if kept := text[:room]:
            self._received += len(kept)
            self._waiting.append(kept)
            self._came.set()

    def _fail(self, why: Failure) -> None:
        self._billed = why.billed
        self._ended = Outcome(FAILED, "", kind=why.kind, message=why.message, retryable=why.retryable)

    async def _pass_on(self, reading: "asyncio.Task[None]") -> None:
        """Pass on what came: the first piece at once, later ones merged."""
        while True:
            await self._came.wait()
            self._came.clear()
            over = reading.done()
            text = "".join(self._waiting)
            self._waiting.clear()
            for piece in _slices(text):
                await self._buffer.add(piece)
                self._tell(piece)
            if over:
                return
            # What comes meanwhile goes together; the end need not wait.
            await asyncio.wait([reading], timeout=MERGE_SECONDS)

    def _tell(self, piece: str) -> None:
        begun = self._begun
        told = {"run_id": begun.run_id, "reply_id": begun.reply_id, "attempt": begun.attempt}
        self._ctx.tell(begun.topic, "assistant.delta", {**told, "offset": self._offset, "text": piece})
        self._offset += utf16_length(piece)

    def _outcome(self, reading: "asyncio.Task[None]") -> Outcome | None:
        """How it ended, with its text and its tokens; those that the model did not report are estimated."""
        text = self._buffer.text
        prompt_tokens, output_tokens = self._tokens
        if text or self._billed:
            prompt_tokens = prompt_tokens or self._prompt.characters // CHARACTERS_A_TOKEN
            output_tokens = output_tokens or -(-len(text) // CHARACTERS_A_TOKEN)
        ended = self._ended or self._how_it_broke(reading)
        metrics.ASSISTANT_TOKENS.labels("prompt").inc(prompt_tokens)
        metrics.ASSISTANT_TOKENS.labels("output").inc(output_tokens)
        metrics.ASSISTANT_RUNS.labels(ended.kind or ended.status).inc()
        return Outcome(
            ended.status,
            text,
            prompt_tokens,
            output_tokens,
            ended.finish_reason,
            ended.kind,
            ended.message,
            ended.retryable,
        )

    def _how_it_broke(self, reading: "asyncio.Task[None]") -> Outcome:
        if reading.cancelled():
            # Deleted or taken over looks the same from here; what is stored then is decided by the run's row.
            return Outcome(STOPPED, "")
        error = reading.exception()
        if isinstance(error, TimeoutError):
            return Outcome(FAILED, "", kind="timeout", message=TOO_SLOW, retryable=True)
        if error is not None:
            raise error
        return Outcome(FAILED, "", kind="internal", message=BROKEN, retryable=True)


def _slices(text: str) -> Iterator[str]:
    for start in range(0, len(text), DELTA_CHARACTERS):
        yield text[start : start + DELTA_CHARACTERS]
