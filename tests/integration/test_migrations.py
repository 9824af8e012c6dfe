"""Bringing a database up to date: by several processes at once, exactly to what the models say, and with rows in it."""

import asyncio
import contextvars
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tortoise import Tortoise

from server.compose import migrations
from server.compose.migrations import configuration, migrate, missing
from server.kernel.database import connect, disconnect
from tests.conftest import Backing
from tests.support import ROOT, ServerProcess

SCRIPTS = {path.name: path.read_text() for path in Path(migrations.LOCATION, "models").glob("[0-9]*_*.py")}
FILES = sorted(SCRIPTS, key=lambda name: int(name.partition("_")[0]))

OWN_COLUMNS = {("event", "xid")}
"""What a migration adds on purpose and no model knows."""

TYPES = {
    "UUID": "uuid",
    "BIGINT": "int8",
    "INT": "int4",
    "SMALLINT": "int2",
    "TEXT": "text",
    "BOOL": "bool",
    "TIMESTAMPTZ": "timestamptz",
    "DATE": "date",
    "BYTEA": "bytea",
    "JSONB": "jsonb",
    "DOUBLE PRECISION": "float8",
    "TEXT[]": "_text",
    "INT[]": "_int4",
    "UUID[]": "_uuid",
}

_COLUMNS = """
SELECT table_name, column_name, is_nullable = 'YES' AS nullable, udt_name, character_maximum_length AS length
FROM information_schema.columns WHERE table_schema = 'public'
"""

_UNIQUE = """
SELECT c.relname AS table_name, array_agg(a.attname::text ORDER BY a.attname) AS columns
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE n.nspname = 'public' AND i.indisunique AND i.indpred IS NULL GROUP BY c.relname, i.indexrelid
"""

_FOREIGN = """
SELECT c.conrelid::regclass::text AS table_name, a.attname::text AS column_name, c.confrelid::regclass::text AS target,
    c.confdeltype::text AS on_delete
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] WHERE c.contype = 'f'
"""


@pytest.fixture
async def empty(backing: Backing) -> AsyncIterator[str]:
    """The URL of a new database with nothing in it."""
    name = f"migrated_{uuid4().hex[:12]}"
    own = backing.database_url.replace(f"/{_name(backing.database_url)}?", f"/{name}?", 1)
    await _administer(backing, f'CREATE DATABASE "{name}"')
    yield own
    await _administer(backing, f'DROP DATABASE "{name}" WITH (FORCE)')


def _name(url: str) -> str:
    return url.split("?", 1)[0].rsplit("/", 1)[1]


async def _administer(backing: Backing, statement: str) -> None:
    connection = await asyncpg.connect(backing.database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def fetch(url: str, statement: str, *values: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(statement, *values)
    finally:
        await connection.close()
    return rows


async def migrated(url: str) -> list[str]:
    """Migrate as a process of its own would: what Tortoise keeps of an earlier run is out of sight."""
    return await asyncio.create_task(migrate(url), context=contextvars.Context())


def command(backing: Backing, url: str, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
    """Start the command line against a database."""
    return subprocess.Popen(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env={**os.environ, **backing.environment, "DATABASE_URL": url, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def ended(process: "subprocess.Popen[str]", seconds: float = 60) -> tuple[int, str, str]:
    """Wait for a process; its exit status and what it has said."""
    out, err = await asyncio.to_thread(process.communicate, timeout=seconds)
    return process.returncode, out, err


@pytest.mark.seed("S1-H08")
@pytest.mark.slow
async def test_eight_processes_that_migrate_at_once_apply_every_migration_once(backing: Backing, empty: str) -> None:
    processes = [command(backing, empty, "migrate") for _ in range(8)]
    results = await asyncio.gather(*(ended(process) for process in processes))
    assert [status for status, _, _ in results] == [0] * 8, results
    applied = [name for _, out, _ in results for name in FILES if name in out]
    assert sorted(applied) == sorted(FILES)
    assert sum("up to date" in out for _, out, _ in results) == 7
    rows = await fetch(empty, "SELECT version FROM aerich ORDER BY id")
    assert [row["version"] for row in rows] == FILES
    assert len(await fetch(empty, "SELECT value FROM log_epoch")) == 1


async def test_migrating_again_changes_nothing(empty: str) -> None:
    assert sorted(await missing(empty)) == sorted(FILES)
    assert await migrated(empty) == FILES
    assert await missing(empty) == []
    before = await fetch(empty, "SELECT value FROM log_epoch")
    assert await migrated(empty) == []
    assert await fetch(empty, "SELECT value FROM log_epoch") == before


async def test_asking_what_is_missing_changes_nothing(empty: str) -> None:
    assert sorted(await missing(empty)) == sorted(FILES)
    assert await fetch(empty, _COLUMNS) == []


class TestTheMigratedDatabaseEqualsTheModels:
    @pytest.fixture
    async def models(self, empty: str) -> AsyncIterator[Mapping[str, dict[str, Any]]]:
        """What Tortoise says of every model, by table."""
        await migrated(empty)
        await connect(configuration(empty))
        described = Tortoise.describe_models()
        yield {model["table"]: model for model in described.values()}
        await disconnect()

    def columns(self, model: dict[str, Any]) -> list[dict[str, Any]]:
        fields: list[dict[str, Any]] = [model["pk_field"], *model["data_fields"]]
        return fields

    async def test_in_its_tables_columns_types_and_what_may_be_null(
        self, empty: str, models: Mapping[str, dict[str, Any]]
    ) -> None:
        wanted = {}
        for table, model in models.items():
            for field in self.columns(model):
                type_ = field["db_field_types"].get("postgres") or field["db_field_types"][""]
                base, _, length = type_.partition("(")
                shape = ("varchar", int(length.rstrip(")"))) if base == "VARCHAR" else (TYPES.get(type_, type_), None)
                wanted[table, field["db_column"]] = (*shape, field["nullable"])
        found = {
            (row["table_name"], row["column_name"]): (row["udt_name"], row["length"], row["nullable"])
            for row in await fetch(empty, _COLUMNS)
            if (row["table_name"], row["column_name"]) not in OWN_COLUMNS
        }
        assert found == wanted

    async def test_in_what_is_unique(self, empty: str, models: Mapping[str, dict[str, Any]]) -> None:
        found = {(row["table_name"], tuple(row["columns"])) for row in await fetch(empty, _UNIQUE)}
        for table, model in models.items():
            by_name = {field["name"]: field["db_column"] for field in self.columns(model)}
            keys = [tuple(sorted(by_name.get(name, name) for name in names)) for names in model["unique_together"]]
            keys += [(field["db_column"],) for field in model["data_fields"] if field["unique"]]
            for columns in keys:
                assert (table, columns) in found, f"{table}: {columns} is not unique"

    async def test_in_its_foreign_keys(self, empty: str, models: Mapping[str, dict[str, Any]]) -> None:
        tables = {f"models.{model['name'].partition('.')[2]}": table for table, model in models.items()}
        letters = {"CASCADE": "c", "RESTRICT": "r", "SET NULL": "n", "SET DEFAULT": "d", "NO ACTION": "a"}
        wanted = {
            (table, field["raw_field"], tables[field["python_type"]], letters[field["on_delete"]])
            for table, model in models.items()
            for field in model["fk_fields"] + model["o2o_fields"]
        }
        found = {
            (row["table_name"].strip('"'), row["column_name"], row["target"].strip('"'), row["on_delete"])
            for row in await fetch(empty, _FOREIGN)
        }
        assert found == wanted

    async def test_so_that_every_table_can_be_read_through_its_model(
        self, models: Mapping[str, dict[str, Any]]
    ) -> None:
        for model in Tortoise.apps["models"].values():
            await model.all().limit(1)
        assert len(models) == len(Tortoise.apps["models"])


PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "a-secret-of-this-test-0123456789abcdef",
    "SMTP_HOST": "127.0.0.1",
    "FRONTEND_URL": "https://nexa.example",
    "GEMINI_API_KEY": "a-key-of-this-test",
}
"""What a start in production wants beside the engines."""


@pytest.mark.parametrize("environment", ["production", "staging"])
async def test_a_production_start_refuses_a_database_that_is_not_migrated(
    backing: Backing, empty: str, environment: str
) -> None:
    production = {**PRODUCTION, "ENVIRONMENT": environment}
    status, out, err = await ended(command(backing, empty, "run", "--port", "0", **production))
    assert status == 2, out + err
    assert "not migrated" in err
    assert all(name in err for name in FILES)
    assert await fetch(empty, _COLUMNS) == []


async def test_a_production_start_takes_a_database_that_is_migrated(backing: Backing, empty: str) -> None:
    await migrated(empty)
    server = await ServerProcess.start({**backing.environment, "DATABASE_URL": empty, **PRODUCTION})
    await server.end()
    assert await fetch(empty, 'SELECT 1 FROM "user"') == []


ROWS: Mapping[str, str] = {
    FILES[0]: """
        INSERT INTO "user" (id, created_at, updated_at, email, email_canonical, full_name, roles, status, rev)
        SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, now(), now(), n || '@example.org',
            n || '@example.org', 'Ada Lovelace', '{user}', 'active', 1 FROM generate_series(1, 2) n;
        INSERT INTO session
            (id, created_at, updated_at, device, ip, expires_at, last_seen_at, authenticated_at, user_id)
        SELECT id, now(), now(), 'a browser', '127.0.0.1', now(), now(), now(), id FROM "user";
        INSERT INTO refresh_token (id, created_at, updated_at, token_hash, expires_at, session_id)
        SELECT id, now(), now(), id::text, now(), id FROM session;
        INSERT INTO conversation (id, created_at, updated_at, last_number, user_lo_id, user_hi_id)
        SELECT gen_random_uuid(), now(), now(), 1, a.id, b.id FROM "user" a JOIN "user" b ON a.id < b.id;
        INSERT INTO participant (id, created_at, updated_at, unread_count, last_read_number, muted, archived, visible,
            conversation_id, user_id)
        SELECT u.id, now(), now(), 0, 0, false, false, true, c.id, u.id FROM conversation c CROSS JOIN "user" u;
        INSERT INTO direct_message
            (id, created_at, updated_at, number, sender_id, receiver_id, content, conversation_id)
        SELECT gen_random_uuid(), now(), now(), 1, user_lo_id, user_hi_id, 'hi', id FROM conversation;
        INSERT INTO block (id, created_at, updated_at, blocked_id, blocker_id)
        SELECT gen_random_uuid(), now(), now(), user_lo_id, user_hi_id FROM conversation;
        INSERT INTO topic (name, seq) SELECT 'user:' || id, 1 FROM "user";
        INSERT INTO event (topic, seq, name, at, data) SELECT name, 1, 'message.created', now(), '{}' FROM topic;
        INSERT INTO idempotency_record (user_id, key, method, params_hash, reply, created_at)
        SELECT id, 'a-key-of-the-user', 'message.send', 'hash', '{}', now() FROM "user";
        INSERT INTO deferred_task (id, name, args, due_at, attempt, created_at)
        VALUES (gen_random_uuid(), 'maintenance.prune', '[]', now(), 0, now());
        INSERT INTO periodic_work (name, due_at) VALUES ('maintenance.prune', now());
    """,
    FILES[1]: """
        INSERT INTO audit_entry (id, at, actor_id, action, address, request_id)
        SELECT id, now(), id, 'auth.password.change', '127.0.0.1', id::text FROM "user";
    """,
    FILES[2]: """
        INSERT INTO onboarding_flow (id, created_at, updated_at, name, version, steps)
        VALUES (gen_random_uuid(), now(), now(), 'populated', 1, '[]');
        INSERT INTO onboarding_state (id, created_at, updated_at, answers, skipped, asked_roles, flow_id, user_id)
        SELECT u.id, now(), now(), '{}', '{}', '{}', f.id, u.id
        FROM "user" u JOIN onboarding_flow f ON f.name = 'populated';
        INSERT INTO notification_inbox (id, created_at, updated_at, unread_count, channels, user_id)
        SELECT id, now(), now(), 1, '{}', id FROM "user" ON CONFLICT DO NOTHING;
        INSERT INTO notification (id, created_at, updated_at, type, title, body, data, user_id)
        SELECT id, now(), now(), 'onboarding.completed', 'Welcome', '', '{}', id FROM "user";
    """,
    FILES[3]: """
        INSERT INTO signing_generation (generation, since) VALUES (1, now()) ON CONFLICT DO NOTHING;
        INSERT INTO one_time_token (id, created_at, updated_at, purpose, token_hash, expires_at, data, user_id)
        SELECT id, now(), now(), 'verify_email', repeat(right(id::text, 1), 64), now() + interval '1 day', '{}', id
        FROM "user";
        INSERT INTO second_factor (id, created_at, updated_at, sealed_secret, user_id)
        SELECT id, now(), now(), 'sealed', id FROM "user";
        INSERT INTO recovery_code (id, created_at, updated_at, code_hash, user_id)
        SELECT id, now(), now(), repeat(right(id::text, 1), 64), id FROM "user";
        INSERT INTO identity (id, created_at, updated_at, provider, subject, user_id)
        SELECT id, now(), now(), 'example', id::text, id FROM "user";
    """,
    FILES[4]: """
        INSERT INTO file (id, created_at, updated_at, name, size, media_type, purpose, status, sha256, storage_key,
            attached_at, owner_id)
        SELECT id, now(), now(), 'a.png', 1, 'image/png', 'avatar', 'ready', repeat('0', 64), id::text, now(), id
        FROM "user";
        UPDATE "user" SET avatar_file_id = id;
        INSERT INTO message_file (id, file_id, position, name, size, media_type, message_id)
        SELECT m.id, f.id, 1, f.name, f.size, f.media_type, m.id
        FROM direct_message m JOIN file f ON f.owner_id = m.sender_id;
    """,
    FILES[5]: """
        UPDATE "user" SET status = 'suspended', suspension_reason = 'spam', suspended_until = now()
        WHERE email = '2@example.org';
    """,
    FILES[6]: """
        INSERT INTO assessment_package
            (id, created_at, updated_at, rev, title, published, description, price_amount, price_currency, product_id,
            owner_id)
        SELECT id, now(), now(), 1, 'A package', true, '', 500, 'NGN', id, id FROM "user";
        INSERT INTO package_access (id, created_at, updated_at, source, package_id, user_id)
        SELECT id, now(), now(), 'payment', id, owner_id FROM assessment_package;
        INSERT INTO question_bank (id, created_at, updated_at, rev, name, description, owner_id)
        SELECT id, now(), now(), 1, 'A bank', '', id FROM "user";
        INSERT INTO question (id, created_at, updated_at, rev, version, version_id, type, tags, difficulty,
            bank_id, owner_id)
        SELECT id, now(), now(), 1, 1, id, 'true_false', '{}', 'easy', id, owner_id FROM question_bank;
        INSERT INTO question_version (id, created_at, updated_at, number, type, stem, options, rows, key, method, pairs,
            points, rationale, media, tags, difficulty, question_id)
        SELECT id, now(), now(), 1, type, 'So?', '[]', '[]', '{"value": true}', 'all_or_nothing', '[]', 1, '',
            '[]', '{}',
            'easy', id FROM question;
        INSERT INTO assessment (id, created_at, updated_at, rev, title, published, description, mode, overdue_handling,
            grace_period_seconds, navigation, pausing, shuffle, review_policy, grading_method, question_count, owner_id,
            package_id)
        SELECT id, now(), now(), 1, 'An exam', true, '', 'exam', 'autosubmit', 0, 'free', false, '{}', '{}',
            'highest', 1,
            owner_id, id FROM assessment_package;
        INSERT INTO assessment_section
            (id, created_at, updated_at, position, title, instructions, picks, assessment_id)
        SELECT id, now(), now(), 1, 'All', '', '[]', id FROM assessment;
        INSERT INTO attempt (id, created_at, updated_at, number, state, layout, navigation, overdue_handling,
            grace_period_seconds, pausing, time_banked_seconds, started_at, warned, flags, furthest, answered,
            assessment_id, user_id)
        SELECT id, now(), now(), 1, 'in_progress', '[]', 'free', 'autosubmit', 0, false, 0, now(), '{}', '{}', -1,
            0, id,
            owner_id FROM assessment;
        INSERT INTO attempt_response
            (id, created_at, updated_at, question_id, value, seq, score, saved_at, time_spent_ms, attempt_id)
        SELECT id, now(), now(), id, 'true', 1, 1, now(), 0, id FROM attempt;
        INSERT INTO accommodation
            (id, created_at, updated_at, extra_time_seconds, multiplier, extra_attempts, unlocked, assessment_id,
                user_id)
        SELECT id, now(), now(), 60, 1.5, 0, false, id, owner_id FROM assessment;
    """,
    FILES[7]: """
        INSERT INTO assistant_model (id, display_name, input_tokens, output_tokens, listed_at)
        VALUES ('a-model', 'A Model', 1, 1, now());
        INSERT INTO assistant_thread (id, created_at, updated_at, title, named, context, temporary, pinned, archived,
            tags, active_at, user_id)
        SELECT id, now(), now(), 'a thread', false, '{}', false, false, false, '{}', now(), id FROM "user";
        INSERT INTO assistant_message (id, created_at, updated_at, parent_id, role, text, model, thread_id)
        SELECT gen_random_uuid(), now(), now(), NULL, 'user', 'hi', NULL, id FROM assistant_thread;
        INSERT INTO assistant_message (id, created_at, updated_at, parent_id, role, text, model, thread_id)
        SELECT gen_random_uuid(), now(), now(), id, 'model', '', 'a-model', thread_id FROM assistant_message;
        INSERT INTO assistant_run (id, created_at, updated_at, model, status, attempt, retryable, prompt_tokens,
            output_tokens, prompt_id, thread_id, reply_id)
        SELECT id, now(), now(), 'a-model', 'queued', 0, false, 0, 0, parent_id, thread_id, id
        FROM assistant_message WHERE role = 'model';
        INSERT INTO assistant_attachment (id, created_at, updated_at, file_id, position, name, size, media_type,
            status, text, truncated, message_id)
        SELECT id, now(), now(), id, 1, 'a.txt', 1, 'text/plain', 'pending', '', false, id
        FROM assistant_message WHERE role = 'user';
        INSERT INTO assistant_usage (day, prompt_tokens, output_tokens, runs, user_id)
        SELECT now()::date, 1, 1, 1, id FROM "user";
    """,
    FILES[9]: """INSERT INTO presence_wish (user_id, status, since) SELECT id, 'away', now() FROM "user";""",
}
"""What fills the tables of each version, put in right after its migration; later migrations have to live with it."""


async def test_a_database_that_has_rows_can_be_migrated_from_every_version_to_the_next(
    empty: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    before: dict[str, int] = {}
    for name in FILES:
        assert all(before.values()), f"give these tables rows before {name}: {before}"
        (folder / name).write_text(SCRIPTS[name])
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "LOCATION", str(tmp_path))
            assert await migrated(empty) == [name]
        after = await _counts(empty)
        assert {table: after.get(table) for table in before} == before
        connection = await asyncpg.connect(empty)
        await connection.execute(ROWS.get(name, "SELECT 1"))
        await connection.close()
        before = await _counts(empty)
    assert await missing(empty) == []
    assert before["user"] == 2


async def _counts(url: str) -> dict[str, int]:
    """How many rows each table has."""
    tables = {row["table_name"] for row in await fetch(url, _COLUMNS)} - {"aerich"}
    count = 'SELECT count(*) AS n FROM "{}"'
    return {table: (await fetch(url, count.format(table)))[0]["n"] for table in sorted(tables)}
