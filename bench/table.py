"""The report in Markdown: a line for every figure, a column for every side, each with Nexa's ratio to it."""

from collections.abc import Sequence

from bench.contenders import ALL, NEXA
from bench.harness import Outcome
from bench.row import Figure, Target

ARRANGEMENT = (
    "The server is alone on one core; the load client, Redis and PostgreSQL are on another. "
    "Behind another side's figure stands, in bold, Nexa's figure divided by it in the same round, and what that has to "
    "reach: the least that is asked for, and the aim."
)
OTHERS = [name for name in ALL if name != NEXA]
HEAD = (
    f"| work | unit | {NEXA} | {' | '.join(OTHERS)} |",
    f"|---|---|---:|{'---:|' * len(OTHERS)}",
)


def number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def verdict(ratio: float, target: Target, *, less_is_better: bool) -> str:
    """Say what the ratio had to reach, and in a word what it did reach."""
    sign, order = ("≤", 1) if less_is_better else ("≥", -1)
    if order * ratio <= order * target.aim:
        word = "aim reached"
    else:
        word = "reached" if order * ratio <= order * target.required else "MISSED"
    return f"({sign} {target.required:g}, aim {target.aim:g}: {word})"


def cell(outcome: Outcome, figure: Figure, other: str) -> str:
    """Return another side's figure with Nexa's ratio to it."""
    if other not in outcome.rounds:
        return ""
    parts = [number(outcome.value(other, figure.key), figure.digits)]
    ratio = outcome.ratio(NEXA, other, figure.key)
    if ratio is not None:
        parts.append(f"**{ratio:.2f}**")
        if target := figure.targets.get(other):
            parts.append(verdict(ratio, target, less_is_better=figure.less_is_better))
    return " ".join(parts)


def line(outcome: Outcome, figure: Figure) -> str:
    """Return the line of one figure."""
    mine = number(outcome.value(NEXA, figure.key), figure.digits)
    cells = (figure.title, figure.unit, mine, *(cell(outcome, figure, other) for other in OTHERS))
    return f"| {' | '.join(cells)} |"


def render(outcomes: Sequence[Outcome], rounds: int, seconds: float, versions: Sequence[str]) -> str:
    """Return the whole report."""
    parts = [
        f"Medians of {rounds} rounds of {seconds:g} s, all sides in turn. {ARRANGEMENT}",
        "\n".join([*HEAD, *(line(one, figure) for one in outcomes for figure in one.row.figures)]),
        f"The load client used at most {max((one.busiest_client() for one in outcomes), default=0):.0%} of its core.",
        "\n".join(f"- {version}" for version in versions),
    ]
    failures = [f"- {one.row.name}, {name}: {text}" for one in outcomes for name, text in one.failures.items()]
    if failures:
        parts.append("\n".join(["What failed:", *failures]))
    return "\n\n".join(parts)
