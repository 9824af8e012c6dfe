"""The report in Markdown: what has to be reached against whom, then every figure of every side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bench.harness import Outcome
from bench.row import Figure, Target

ARRANGEMENT = (
    "The server is alone on one core; the load client, Redis and PostgreSQL are on another. In the rows of "
    "breadth the servers and the load client may use both cores, alike with one process and with two; in the fan-out "
    "across processes the publishing server is on the second core. "
    "A ratio is the figure of a row's own side divided by the other's in the same round."
)
GOALS = (
    "| work | unit | side | figure | against | its figure | ratio | required | aim | reached |",
    "|---|---|---|---:|---|---:|---:|---:|---:|---|",
)
FIGURES = (
    "| work | unit | side | figure | others, with the ratio to each |",
    "|---|---|---|---:|---|",
)


@dataclass(frozen=True)
class Run:
    """What was run, when and on what."""

    outcomes: Sequence[Outcome]
    rounds: int
    seconds: float
    began: datetime
    machine: Sequence[str]


def number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def reached(ratio: float | None, target: Target, *, less_is_better: bool) -> str:
    """Say in a word what was reached."""
    if ratio is None:
        return "NOT MEASURED"
    order = 1 if less_is_better else -1
    if order * ratio <= order * target.aim:
        return "aim"
    return "required" if order * ratio <= order * target.required else "MISSED"


def cells(*texts: str) -> str:
    return f"| {' | '.join(texts)} |"


def goal(outcome: Outcome, figure: Figure, other: str, target: Target) -> str:
    """Return the line of what a figure has to reach against another side."""
    subject, digits = outcome.row.subject, figure.digits
    sign = "≤" if figure.less_is_better else "≥"
    ratio = outcome.ratio(subject, other, figure.key)
    return cells(
        figure.title,
        figure.unit,
        subject,
        number(outcome.value(subject, figure.key), digits),
        other,
        number(outcome.value(other, figure.key), digits),
        f"**{number(ratio, 2)}**",
        f"{sign} {target.required:g}",
        f"{sign} {target.aim:g}",
        reached(ratio, target, less_is_better=figure.less_is_better),
    )


def line(outcome: Outcome, figure: Figure) -> str:
    """Return the line of all sides' figures."""
    subject, digits = outcome.row.subject, figure.digits
    others = [
        f"{name} {number(outcome.value(name, figure.key), digits)} "
        f"(**{number(outcome.ratio(subject, name, figure.key), 2)}**)"
        for name in outcome.row.contenders
        if name != subject and name in outcome.rounds
    ]
    value = number(outcome.value(subject, figure.key), digits)
    return cells(figure.title, figure.unit, subject, value, "; ".join(others))


def goals(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        for figure in outcome.row.figures:
            for other, target in figure.targets.items():
                if other in outcome.rounds and outcome.row.subject in outcome.rounds:
                    yield goal(outcome, figure, other, target)


def failures(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"- {outcome.row.name}, {name}: {text} (in {outcome.rounds[name].count(None)} of {len(outcome.rounds[name])})"
        for outcome in outcomes
        for name, text in outcome.failures.items()
    ]


def render(run: Run) -> str:
    """Return the whole report."""
    busiest = max((one.busiest_client() for one in run.outcomes), default=0)
    how = (
        f"Measured on {run.began:%d %B %Y, %H:%M} UTC: medians of {run.rounds} rounds of {run.seconds:g} s, all sides "
        f"in turn. {ARRANGEMENT} The load client used at most {busiest:.0%} of a core."
    )
    parts = [how, "\n".join(f"- {one}" for one in run.machine)]
    if wanted := list(goals(run.outcomes)):
        parts.append("\n".join(["What has to be reached:", "", *GOALS, *wanted]))
    figures = [line(one, figure) for one in run.outcomes for figure in one.row.figures]
    parts.append("\n".join(["All figures:", "", *FIGURES, *figures]))
    if failed := failures(run.outcomes):
        parts.append("\n".join(["What failed:", "", *failed]))
    return "\n\n".join(parts)
