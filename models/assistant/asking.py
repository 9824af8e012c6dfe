"""What its owner does in a thread: asking, asking again, asking otherwise, moving between branches, deleting."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.assistant.attachment import Attachment
from models.assistant.message import MODEL, USER, Message
from models.assistant.model import KnownModel
from models.assistant.run import Run
from models.assistant.sql import fetch
from models.assistant.thread import Thread, busy
from models.assistant.usage import Budget
from models.errors import InvalidState, NotFound
from models.work import Work

MOST_MESSAGES = 1000
FULL = "This conversation holds as much as one can. Please begin a new one."
NOT_A_PROMPT = "Only what you wrote yourself can be edited."

_SUBTREE = """
WITH RECURSIVE below AS (
    SELECT id FROM assistant_message WHERE id = $1
    UNION ALL
    SELECT m.id FROM assistant_message m JOIN below b ON m.parent_id = b.id
)
SELECT id FROM below
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, the place of its reply, and the run that writes it."""

    message_id: UUID
    reply_id: UUID
    run_id: UUID


@dataclass(frozen=True, slots=True)
class Asking:
    """How somebody's prompts are answered where they say nothing about it."""

    user_id: UUID
    budget: Budget
    default_model: str

    async def send(
        self, work: Work, thread_id: UUID, text: str, file_ids: Sequence[UUID] = (), model: str | None = None
    ) -> Asked:
        """Ask at the end of the branch that is shown.

        Raises NotFound, InvalidState while an answer is written or when the thread is full, Invalid for a file or a
        model that cannot be used, QuotaExceeded, RateLimited.
        """
        thread = await self._free(work, thread_id)
        prompt = await Message.add(work, thread.id, thread.active_leaf, USER, text)
        files = await Attachment.attach(work, self.user_id, prompt, file_ids)
        run = await self._ask(work, thread, prompt, model)
        await thread.turn_to(work, run.reply_id, text or (files[0].name if files else ""))
        return Asked(prompt.id, run.reply_id, run.id)

    async def regenerate(self, work: Work, message_id: UUID, model: str | None = None) -> Asked:
        """Ask again for the answer to a prompt, named by itself or by one of its replies; the others stay.

        Raises as `send` does.
        """
        message = await self._message(message_id)
        thread = await self._free(work, message.thread_id)
        prompt = await Message.get_or_not_found(id=message.parent_id if message.role == MODEL else message.id)
        if model is None and await KnownModel.offers(message.model):
            model = message.model
        run = await self._ask(work, thread, prompt, model)
        await thread.turn_to(work, run.reply_id, prompt.text)
        return Asked(prompt.id, run.reply_id, run.id)

    async def edit(self, work: Work, message_id: UUID, text: str) -> Asked:
        """Ask otherwise: a branch of its own beside a prompt, with the same files. Raises as `send` does."""
        message = await self._message(message_id)
        if message.role != USER:
            raise InvalidState(NOT_A_PROMPT, state="reply")
        thread = await self._free(work, message.thread_id)
        prompt = await Message.add(work, thread.id, message.parent_id, USER, text)
        await Attachment.take_along(work, message, prompt)
        run = await self._ask(work, thread, prompt, None)
        await thread.turn_to(work, run.reply_id, text)
        return Asked(prompt.id, run.reply_id, run.id)

    async def delete(self, work: Work, message_id: UUID) -> None:
        """Delete a message with all below it; what is shown ends where it was.

        Raises NotFound, InvalidState while an answer is written.
        """
        message = await self._message(message_id)
        thread = await self._idle(message.thread_id)
        shown = await Message.branch(thread.id, thread.active_leaf)
        going = [row["id"] for row in await fetch(_SUBTREE, message.id)]
        files = await Attachment.files_of(going)
        await Message.filter(id__in=going).delete()
        if files:
            await Attachment.let_go(files)
        if message.id in shown:
            parent = message.parent_id
            leaf = parent and await Message.below(thread.id, parent)
            await thread.turn_to(work, leaf or await Message.newest_leaf(thread.id))
        else:
            thread.tell(work, "assistant.thread_updated")

    async def select(self, work: Work, thread_id: UUID, message_id: UUID) -> UUID:
        """Show the branch that a message is on, down to its newest end; returns that end. Raises NotFound."""
        thread = await Thread.hold(self.user_id, thread_id)
        leaf = await Message.below(thread.id, message_id)
        if leaf is None:
            raise NotFound
        if leaf != thread.active_leaf:
            await thread.turn_to(work, leaf)
        return leaf

    async def _message(self, message_id: UUID) -> Message:
        return await Message.get_or_not_found(Message.filter(thread__user_id=self.user_id), id=message_id)

    async def _idle(self, thread_id: UUID) -> Thread:
        thread = await Thread.hold(self.user_id, thread_id)
        if await Run.active_in(thread.id) is not None:
            raise busy()
        return thread

    async def _free(self, work: Work, thread_id: UUID) -> Thread:
        """A thread, locked, in which may be asked; what this person asks elsewhere waits from here on."""
        thread = await self._idle(thread_id)
        if await Message.filter(thread_id=thread.id).count() >= MOST_MESSAGES:
            raise InvalidState(FULL, state="full")
        await self.budget.claim(work, self.user_id)
        return thread

    async def _ask(self, work: Work, thread: Thread, prompt: Message, model: str | None) -> Run:
        await KnownModel.check(model, self.default_model)
        ready = await Attachment.all_read(prompt.id)
        return await Run.queue(work, thread, prompt, model or thread.model or self.default_model, ready=ready)
