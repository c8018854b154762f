"""PostgreSQL: a role per service with exactly its rights, given by the owner of the database after each migration.

A role reads and writes in its own schema alone. What is stored there for ever (events, answered commands) it may add to
and read, and never change or remove. Beside that: who may read the logs of all, and what each may do with the keys.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

APPENDED = ("stored_events", "commands", "adopted", "job_outcomes")
READ = ("store",)
LOG = ("stored_events", "store", "adopted")
KEYS = "keys"
READERS = "caraka_log_readers"
LOCK = 7261003
SCHEMAS = r"SELECT nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema'"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may do beyond its own schema.

    ``logs``: reads every service's event log. ``keys``: privileges on the keys of sealed fields; ``opens``: of which
    classes (row-level security: others are not there for it). ``builds``: makes and drops its own tables (generations
    of views). ``inspects``: has no schema, reads every table, and builds beside ``builds``' tables what it compares
    them with. ``copies``: has no schema and reads every table but those, which are computed.
    """

    service: str
    keys: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    logs: bool = False
    builds: bool = False
    inspects: bool = False
    copies: bool = False


class NoSuchRole(Exception):
    """The folder of addresses lacks one, or one names the owner himself."""


def grant(owner_url: str, addresses: Mapping[str, str], rights: Sequence[Rights]) -> list[str]:
    """Makes the roles of these addresses (service → ``postgresql://role:password@…``) and gives them their rights.

    Everything or nothing; harmless when repeated; what a role had and should not have is taken away. Returns the roles.
    Raises `NoSuchRole`, and psycopg's errors: ``owner_url`` must be able to make roles and own all schemas.
    """
    roles = {each.service: _role(each.service, addresses) for each in rights}
    with psycopg.connect(owner_url) as connection:
        owner = connection.execute("SELECT current_user::text").fetchone()
        if owner is not None and owner[0] in {name for name, _ in roles.values()}:
            raise NoSuchRole(f"{owner[0]} owns the database: a service needs a role of its own")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        _make(connection, READERS, None)
        for name, password in roles.values():
            _make(connection, name, password)
        builders = [roles[each.service][0] for each in rights if each.builds]
        computed = {each.service for each in rights if each.builds}
        tables = _tables(connection)
        for each in rights:
            for statement in _statements(each, roles[each.service][0], tables, builders, computed):
                connection.execute(statement)
    return [name for name, _ in roles.values()]


def _role(service: str, addresses: Mapping[str, str]) -> tuple[str, str]:
    if service not in addresses:
        raise NoSuchRole(f"there is no address for {service}")
    address = urlsplit(addresses[service])
    if not address.username or not address.password:
        raise NoSuchRole(f"the address for {service} names no role and password")
    return unquote(address.username), unquote(address.password)


def _make(connection: psycopg.Connection[tuple[object, ...]], role: str, password: str | None) -> None:
    name = sql.Identifier(role)
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {}").format(name))
    if password is not None:
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(password)))
    for (schema,) in connection.execute(SCHEMAS).fetchall():
        place = sql.Identifier(str(schema))
        for what in ("ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA", "SCHEMA"):
            connection.execute(sql.SQL("REVOKE ALL ON {} {} FROM {}").format(sql.SQL(what), place, name))


def _tables(connection: psycopg.Connection[tuple[object, ...]]) -> dict[str, list[str]]:
    """Schema → its tables."""
    found: dict[str, list[str]] = {}
    wanted = "SELECT schemaname::text, tablename::text FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' ORDER BY 1, 2"
    for schema, table in connection.execute(wanted).fetchall():
        found.setdefault(str(schema), []).append(str(table))
    found.pop("information_schema", None)
    return found


def _statements(
    rights: Rights,
    role: str,
    tables: Mapping[str, Sequence[str]],
    builders: Sequence[str],
    computed: Container[str],
) -> Iterator[sql.Composed]:
    who, own = sql.Identifier(role), rights.service.replace("-", "_")
    yield sql.SQL("DO $$ BEGIN EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(),"
                  " {}); END $$").format(sql.Literal(role))  # fmt: skip
    if own in tables:
        yield from _in_own_schema(own, tables[own], who)
    if rights.builds:
        yield from _owned(own, tables.get(own, ()), who)
    if KEYS in tables:
        yield from _keys_of(rights, tables[KEYS], who)
    readers = sql.SQL("GRANT {} TO {}") if rights.logs or rights.inspects else sql.SQL("REVOKE {} FROM {}")
    yield readers.format(sql.Identifier(READERS), who)
    if rights.inspects:
        for schema, held in tables.items():
            yield _use(schema, who)
            yield from (_may(("SELECT",), schema, table, who) for table in held)
        yield from (sql.SQL("GRANT {} TO {}").format(sql.Identifier(builder), who) for builder in builders)
    if rights.copies:
        for schema, held in tables.items():
            if schema not in computed:
                yield _use(schema, who)
                yield from (_may(("SELECT",), schema, table, who) for table in held)


def _keys_of(rights: Rights, tables: Sequence[str], who: sql.Identifier) -> Iterator[sql.Composed]:
    """A key of a class that a role may not open cannot be read, made or destroyed by it. The owner sees all."""
    table = sql.Identifier(KEYS, KEYS)
    yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table)
    yield sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(who, table)
    if rights.inspects or rights.copies:
        yield sql.SQL("CREATE POLICY {} ON {} FOR SELECT TO {} USING (true)").format(who, table, who)
    if rights.keys:
        classes = sql.SQL(", ").join(sql.Literal(each) for each in rights.opens)
        row = sql.SQL("seal_class IN ({})").format(classes)
        policy = sql.SQL("CREATE POLICY {} ON {} TO {} USING ({}) WITH CHECK ({})")
        yield policy.format(who, table, who, row, row)
        yield _use(KEYS, who)
        yield from (_may(rights.keys, KEYS, each, who) for each in tables)


def _in_own_schema(own: str, tables: Sequence[str], who: sql.Identifier) -> Iterator[sql.Composed]:
    yield _use(own, who)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(sql.Identifier(own), who)
    yield from (_may(_own_table(table), own, table, who) for table in tables)
    if set(LOG) <= set(tables):
        yield _use(own, sql.Identifier(READERS))
        yield from (_may(("SELECT",), own, table, sql.Identifier(READERS)) for table in LOG)


def _own_table(table: str) -> tuple[str, ...]:
    if table in APPENDED:
        return ("SELECT", "INSERT")
    return ("SELECT",) if table in READ else ("SELECT", "INSERT", "UPDATE", "DELETE")


def _owned(schema: str, tables: Sequence[str], who: sql.Identifier) -> Iterator[sql.Composed]:
    """Views are computed: who builds them owns them. Its event log, which is empty, stays the owner's like all logs."""
    yield sql.SQL("GRANT {} TO CURRENT_USER").format(who)
    yield sql.SQL("GRANT CREATE ON SCHEMA {} TO {}").format(sql.Identifier(schema), who)
    for table in tables:
        if table not in APPENDED + READ:
            yield sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(schema, table), who)
            yield _may(("ALL",), schema, table, who)


def _use(schema: str, who: sql.Identifier) -> sql.Composed:
    return sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), who)


def _may(privileges: Sequence[str], schema: str, table: str, who: sql.Identifier) -> sql.Composed:
    words = sql.SQL(", ").join(sql.SQL(word) for word in privileges)
    return sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(schema, table), who)
