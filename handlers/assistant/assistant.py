"""The assistant: what answers, what may be used, and the events of its threads."""

from datetime import datetime
from uuid import UUID

from handlers.assistant.views import AttachmentView, ThreadView, Usage
from models.assistant import KnownModel, Thread
from models.assistant.limits import AssistantLimits
from models.kit.scope import Scope
from server.kernel.rpc import Ctx, Page, View, live_event, logged_event, own, query, topic, user


class RunStarted(View):
    """A prompt was asked, and a run writes its reply."""

    run_id: UUID
    message_id: UUID
    reply_id: UUID
    model: str


class Delta(View):
    """What an attempt has written on from `offset`, counted in UTF-16 units. Of an earlier attempt, it is void."""

    run_id: UUID
    reply_id: UUID
    attempt: int
    offset: int
    text: str


class RunRestarted(View):
    """Another worker writes the reply anew, from its beginning: what earlier attempts wrote is void."""

    run_id: UUID
    attempt: int


class RunEnded(View):
    """The whole text; null above 32 KiB, then `assistant.run.get` has it."""

    run_id: UUID
    reply_id: UUID
    text: str | None
    usage: Usage


class MessageCompleted(RunEnded):
    """A reply is finished; `finish_reason` is `max_tokens` where it was cut at the longest length."""

    finish_reason: str


class RunFailed(RunEnded):
    """A reply could not be written to its end; `text` is what there is of it."""

    kind: str
    message: str
    retryable: bool


run_started = logged_event("assistant.run_started", "thread", RunStarted, "A prompt was asked.")
delta = live_event("assistant.delta", "thread", Delta, "An answer goes on.")
run_restarted = logged_event("assistant.run_restarted", "thread", RunRestarted, "An answer begins anew.")
message_completed = logged_event("assistant.message_completed", "thread", MessageCompleted, "An answer is finished.")
run_stopped = logged_event("assistant.run_stopped", "thread", RunEnded, "An answer was stopped by its reader.")
run_failed = logged_event("assistant.run_failed", "thread", RunFailed, "An answer broke off.")
attachment_changed = logged_event(
    "assistant.attachment_changed", "thread", AttachmentView, "The text of a file was read, or could not be."
)
thread_created = logged_event("assistant.thread_created", "user", ThreadView, "A thread was begun.")
thread_updated = logged_event("assistant.thread_updated", "user", ThreadView, "A thread is another one now.")
thread_deleted = logged_event("assistant.thread_deleted", "user", ThreadView, "A thread is gone.")


async def _is_owner(scope: Scope, id_: UUID) -> bool:
    return await Thread.exists(id=id_, user_id=scope.user_id)


thread_topic = topic("thread", logged=True, audience="its owner", readers={own: _is_owner})


class ModelView(View):
    """A model. `context` is how many tokens it can read; null while the service has not been asked."""

    id: str
    display_name: str
    context: int | None
    default: bool
    available: bool


@query("assistant.model.list", access=user)
async def list_models(ctx: Ctx) -> Page[ModelView]:
    """The models that can answer, the default one first; `available` is false for a default that is not offered."""
    default = ctx.limits(AssistantLimits).default_model
    listed = {one.id: one for one in await KnownModel.available()}
    found = [
        ModelView(
            id=id_, display_name=one.display_name, context=one.input_tokens, default=id_ == default, available=True
        )
        for id_, one in listed.items()
    ]
    if default not in listed:
        found.append(ModelView(id=default, display_name=default, context=None, default=True, available=False))
    return Page(items=sorted(found, key=lambda one: (not one.default, one.id)))


class SpentView(View):
    """Tokens of one budget, and when it is whole again."""

    used: int
    limit: int
    reset_at: datetime


class UsageView(View):
    """What the caller has used: of the day's and of the month's budget, both of UTC."""

    day: SpentView
    month: SpentView


@query("assistant.usage.get", access=user)
async def usage(ctx: Ctx) -> UsageView:
    """Tokens that the caller's answers have used, and the limits."""
    day, month = await ctx.limits(AssistantLimits).budget.of(ctx.user_id, ctx.now)
    return UsageView(day=SpentView.of(day), month=SpentView.of(month))
