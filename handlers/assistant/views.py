"""How threads, messages, runs and attachments look on the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from server.kernel.rpc import Params, View

Status = Literal["queued", "streaming", "completed", "stopped", "failed"]


class Context(Params):
    """What a thread is about."""

    resume_id: UUID | None = None
    job_id: UUID | None = None
    course_id: UUID | None = None


class ContextView(View):
    """What a thread is about."""

    resume_id: UUID | None = None
    job_id: UUID | None = None
    course_id: UUID | None = None


class ThreadView(View):
    """A thread. `active_leaf` is the last message of the branch that is shown; `model` null: the default one."""

    id: UUID
    title: str
    model: str | None
    context: ContextView
    temporary: bool
    pinned: bool
    archived: bool
    tags: list[str]
    active_leaf: UUID | None
    active_at: datetime
    created_at: datetime
    updated_at: datetime


class Usage(View):
    """Tokens of one answer."""

    prompt_tokens: int
    output_tokens: int


class RunError(View):
    """Why an answer failed: a word for programs, a sentence for the person."""

    kind: str
    message: str
    retryable: bool


class RunView(View):
    """A run. `text` is what was written so far, `offset` its length in UTF-16 units: where the next delta begins."""

    run_id: UUID
    thread_id: UUID
    reply_id: UUID
    status: Status
    attempt: int
    text: str
    offset: int
    finish_reason: str | None
    usage: Usage
    error: RunError | None


class ActiveRun(View):
    """A run that has not ended; `assistant.run.get` gives its text."""

    run_id: UUID
    message_id: UUID
    reply_id: UUID
    status: Status
    attempt: int
    model: str


class AttachmentView(View):
    """A file of a prompt. `status` says whether its text was read, `reason` why not; `characters` is its length."""

    id: UUID
    message_id: UUID
    file_id: UUID
    name: str
    size: int
    media_type: str
    status: Literal["pending", "ready", "failed"]
    reason: str | None
    characters: int
    truncated: bool


class ThreadMessage(View):
    """A prompt (`user`) or a reply (`model`). A reply says which run writes it, and how far that is."""

    id: UUID
    thread_id: UUID
    parent_id: UUID | None
    role: Literal["user", "model"]
    text: str
    model: str | None
    run_id: UUID | None
    status: Status | None
    finish_reason: str | None
    files: list[AttachmentView]
    created_at: datetime


class Node(View):
    """A message's place in the tree."""

    id: UUID
    parent_id: UUID | None
    role: Literal["user", "model"]


class Turn(View):
    """One prompt with its reply, which is empty until it is written."""

    prompt: str
    response: str
