"""Write docs/diagrams/er.md from the models: `python scripts/er_doc.py`; with `--check` only say whether it differs."""

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from tortoise import Tortoise  # noqa: E402 - the path comes first
from tortoise.models import Model  # noqa: E402

from server.compose.domains import MODELS  # noqa: E402

PLACE = PROJECT / "docs" / "diagrams" / "er.md"

HEAD = """\
# The tables

Made by `scripts/er_doc.py` from the models; do not edit it by hand. Types and keys are those of PostgreSQL; constraints
and indexes stand in the [migrations](../../models/migrations/models). A crow's foot is at the side that refers.
"""

# What the migrations make and the models do not show.
ADDED = {"event": [("xid8", "xid", "")]}
KEYS = {"event": ("topic", "seq"), "idempotency_record": ("user_id", "key")}


def tables() -> list[type[Model]]:
    """All models, in the order of the packages that hold them."""
    Tortoise.init_models(MODELS, "models")
    found = (Tortoise.apps or {})["models"].values()
    packages = [name.rpartition(".")[2] for name in MODELS]
    return sorted(found, key=lambda model: (packages.index(package_of(model)), model._meta.db_table))  # noqa: SLF001


def package_of(model: type[Model]) -> str:
    """`account` of `models.account.users`."""
    return model.__module__.split(".")[1]


def document() -> str:
    """The whole page."""
    parts = [HEAD]
    for package, group in groupby(tables(), key=package_of):
        parts += [f"## `models.{package}`\n\n```mermaid\nerDiagram", *diagram(list(group)), "```\n"]
    return "\n".join(parts)


def diagram(models: Sequence[type[Model]]) -> Iterator[str]:
    """The lines of one package: who refers to whom, then the columns."""
    for model in models:
        meta = model._meta  # noqa: SLF001
        for name in sorted(meta.fk_fields | meta.o2o_fields):
            field = meta.fields_map[name]
            one_side = field.related_model._meta.db_table  # noqa: SLF001
            many = "o|" if name in meta.o2o_fields else "o{"
            one = "|o" if field.null else "||"
            yield f'    {one_side} {one}--{many} {meta.db_table} : "{name}"'
    for model in models:
        yield f"    {model._meta.db_table} {{"  # noqa: SLF001
        yield from (f"        {' '.join(filter(None, column))}" for column in columns(model))
        yield "    }"


def columns(model: type[Model]) -> Iterator[tuple[str, str, str]]:
    """Type, name and key of each column."""
    meta = model._meta  # noqa: SLF001
    refers = {meta.fields_map[name].source_field or f"{name}_id" for name in meta.fk_fields | meta.o2o_fields}
    for name, column in meta.fields_db_projection.items():
        field = meta.fields_map[name]
        key = "PK" if column in KEYS.get(meta.db_table, (meta.db_pk_column,)) else ""
        key = key or ("FK" if column in refers else "UK" if field.unique else "")
        yield kind(str(field.get_for_dialect("postgres", "SQL_TYPE"))), column, key
    yield from ADDED.get(meta.db_table, [])


def kind(sql: str) -> str:
    """A type as mermaid takes it: one word."""
    return sql.lower().partition("(")[0].replace("[]", "_array").replace(" ", "_")


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it."""
    if list(arguments) != ["--check"]:
        PLACE.write_text(document())
        return 0
    if PLACE.read_text() == document():
        return 0
    print(f"{PLACE.relative_to(PROJECT)} is not up to date: python scripts/er_doc.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
