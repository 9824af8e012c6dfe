"""The clock of timed assessments."""

from prometheus_client import Histogram

from models.assessment.finishing import advance_due
from server.kernel.rpc import beat
from server.kernel.tasks import TaskCtx

AT_ONCE = 250
LAG_SECONDS = Histogram(
    "nexa_attempt_lag_seconds", "How much later than due the clock has dealt with an attempt",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3600),
)  # fmt: skip


@beat("assessment.clock", every_seconds=0.2)
async def clock(ctx: TaskCtx) -> bool:
    """Warn, begin grace periods and end attempts whose moment has come, many in one transaction.

    Where that fails, one after another, each time another one first: an attempt that cannot be dealt with must not keep
    the others from ending.
    """
    at_once, skipped = (AT_ONCE, 0) if ctx.attempt == 1 else (1, ctx.attempt - 2)
    done = await advance_due(ctx.work, at_once, skipped)
    for lateness in done:
        LAG_SECONDS.observe(lateness)
    return len(done) == at_once
