"""The tables beside the event table, and the statements on them. One text serves SQLite and PostgreSQL.

``commands`` remembers every accepted outcome by command id; ``claims`` keeps what must be unique; both can be rebuilt
from the events, as can ``timers``: what states ask for later (moments in µs since 1970). ``jobs``: effects on the
outside world that are wanted, with what is known of each; ``job_queues``: how a queue does; ``job_outcomes``: which
command has settled which sending of a job, one each; ``job_pauses``: where a person has stopped one (agency ``*``: for
all). ``snapshots`` is a cache of states. ``store`` says who this store is: a restore raises its epoch, and so does each
row of ``adopted``: a person went on from a store that others had heard more of. ``restored`` says which backup it came
from, and since when it may run (`services.kit.runtime.admission`). ``counted`` remembers how many events
there are up to a position, so that nobody counts years at each start: what is behind a position in the log never
changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

TABLES = (
    """CREATE TABLE IF NOT EXISTS {s}commands (
        command_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, outcome {bytes} NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {s}claims (
        agency TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, owner TEXT NOT NULL,
        PRIMARY KEY (agency, kind, key))""",
    """CREATE TABLE IF NOT EXISTS {s}snapshots (
        stream_id TEXT PRIMARY KEY, version BIGINT NOT NULL, state {bytes} NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {s}timers (
        timer_id TEXT PRIMARY KEY, agency TEXT NOT NULL, stream TEXT NOT NULL, name TEXT NOT NULL,
        due_at BIGINT NOT NULL, look_at BIGINT NOT NULL, kind TEXT NOT NULL, body {bytes} NOT NULL,
        correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL, tries INTEGER NOT NULL, reason TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS timers_by_moment ON {s}timers (look_at)",
    """CREATE TABLE IF NOT EXISTS {s}jobs (
        job_id TEXT PRIMARY KEY, agency TEXT NOT NULL, stream TEXT NOT NULL, name TEXT NOT NULL, queue TEXT NOT NULL,
        not_before BIGINT NOT NULL, look_at BIGINT NOT NULL, tries INTEGER NOT NULL, state TEXT NOT NULL,
        publication BIGINT NOT NULL, body {bytes} NOT NULL, correlation_id TEXT NOT NULL, causation_id TEXT NOT NULL,
        traceparent TEXT NOT NULL, reason TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS jobs_by_moment ON {s}jobs (queue, state, look_at)",
    """CREATE TABLE IF NOT EXISTS {s}job_queues (
        queue TEXT PRIMARY KEY, failures INTEGER NOT NULL, broken_since BIGINT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {s}job_outcomes (
        job_id TEXT NOT NULL, publication BIGINT NOT NULL, command_id TEXT NOT NULL, outcome TEXT NOT NULL,
        PRIMARY KEY (job_id, publication))""",
    """CREATE TABLE IF NOT EXISTS {s}job_pauses (
        queue TEXT NOT NULL, agency TEXT NOT NULL, paused_at BIGINT NOT NULL, paused_by TEXT NOT NULL,
        PRIMARY KEY (queue, agency))""",
    """CREATE TABLE IF NOT EXISTS {s}store (
        id INTEGER PRIMARY KEY, store_id TEXT NOT NULL, epoch INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {s}adopted (
        id INTEGER PRIMARY KEY, adopted_at TEXT NOT NULL, adopted_by TEXT NOT NULL, reason TEXT NOT NULL,
        head BIGINT NOT NULL, lacked TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS {s}restored (
        id INTEGER PRIMARY KEY, archive TEXT NOT NULL, cut_at TEXT NOT NULL, restored_at TEXT NOT NULL,
        admitted_at TEXT)""",
    """CREATE TABLE IF NOT EXISTS {s}counted (
        id INTEGER PRIMARY KEY, position BIGINT NOT NULL, events BIGINT NOT NULL)""",
)
NAME_STORE = "INSERT INTO {s}store (id, store_id, epoch) VALUES (1, ?, 1) ON CONFLICT DO NOTHING"
READ_STORE = "SELECT store_id, epoch + (SELECT COUNT(*) FROM {s}adopted) FROM {s}store WHERE id = 1"
ADOPT = (
    "INSERT INTO {s}adopted (id, adopted_at, adopted_by, reason, head, lacked)"
    " SELECT COUNT(*) + 1, ?, ?, ?, ?, ? FROM {s}adopted"
)
READ_ADOPTED = "SELECT adopted_at, adopted_by, reason, head, lacked FROM {s}adopted ORDER BY id"
RESTORED = "INSERT INTO {s}restored (id, archive, cut_at, restored_at) SELECT COUNT(*) + 1, ?, ?, ? FROM {s}restored"
READ_RESTORED = "SELECT archive, cut_at, restored_at, admitted_at FROM {s}restored ORDER BY id"
ADMIT = "UPDATE {s}restored SET admitted_at = ? WHERE admitted_at IS NULL"
READ_COUNTED = "SELECT position, events FROM {s}counted WHERE id = 1"
REMEMBER_COUNTED = (
    "INSERT INTO {s}counted (id, position, events) VALUES (1, ?, ?)"
    " ON CONFLICT (id) DO UPDATE SET position = excluded.position, events = excluded.events"
)
RAISE_EPOCH = "UPDATE {s}store SET epoch = epoch + 1 WHERE id = 1"
CANCEL_TIMERS = "DELETE FROM {s}timers WHERE timer_id {in}"
CANCEL_ALL_TIMERS = "DELETE FROM {s}timers"
TAKE_JOBS_AWAY = "DELETE FROM {s}jobs WHERE job_id {in}"


def lock_name(schema: str) -> str:
    """The advisory lock (PostgreSQL) under which a service's writer decides, and others change what it changes."""
    return f"caraka/{schema}"


@dataclass(frozen=True)
class Rows:
    """Rows to insert, many at a time: the table, its columns with their types on PostgreSQL, and what a twin does."""

    table: str
    columns: Mapping[str, str]
    twins: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer to remember, in its bytes before and after a position: that of the event ``behind`` the last one."""

    command_id: str
    fingerprint: str
    before: bytes
    behind: int
    after: bytes


REMEMBER = Rows("commands", {"command_id": "text", "fingerprint": "text", "outcome": "bytea"})
CLAIM = Rows(
    "claims", {"agency": "text", "kind": "text", "key": "text", "owner": "text"}, "ON CONFLICT DO NOTHING"
)  # fmt: skip
SET_TIMER = Rows(
    "timers",
    {
        "timer_id": "text", "agency": "text", "stream": "text", "name": "text", "due_at": "bigint",
        "look_at": "bigint", "kind": "text", "body": "bytea", "correlation_id": "text", "causation_id": "text",
        "tries": "integer", "reason": "text",
    },
    "ON CONFLICT (timer_id) DO NOTHING",
)  # fmt: skip
SET_JOB = Rows(
    "jobs",
    {
        "job_id": "text", "agency": "text", "stream": "text", "name": "text", "queue": "text", "not_before": "bigint",
        "look_at": "bigint", "tries": "integer", "state": "text", "publication": "bigint", "body": "bytea",
        "correlation_id": "text", "causation_id": "text", "traceparent": "text", "reason": "text",
    },
    "ON CONFLICT (job_id) DO NOTHING",
)  # fmt: skip
SETTLED = Rows(
    "job_outcomes", {"job_id": "text", "publication": "bigint", "command_id": "text", "outcome": "text"}
)  # fmt: skip
SNAPSHOT = Rows(
    "snapshots",
    {"stream_id": "text", "version": "bigint", "state": "bytea"},
    "ON CONFLICT (stream_id) DO UPDATE SET version = excluded.version, state = excluded.state",
)
