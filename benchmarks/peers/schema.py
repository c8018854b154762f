"""The tables of both peers, and the people who may use them."""

import hashlib
from collections.abc import Sequence

import asyncpg

BOOK, REGISTER = "masuk", "complaints"
TIERS = ("kasi", "kabid", "kadis")
AGENCIES = ("pekalongan", "purbalingga", *(f"agency-{n:02}" for n in range(1, 31)))

TABLES = """
CREATE TABLE tokens (
  token_hash bytea PRIMARY KEY,
  agency text NOT NULL,
  person text NOT NULL,
  position text NOT NULL,
  revoked_at timestamptz
);
CREATE TABLE agenda_counters (
  agency text NOT NULL,
  book text NOT NULL,
  year integer NOT NULL,
  last integer NOT NULL,
  PRIMARY KEY (agency, book, year)
) WITH (fillfactor = 10);
CREATE TABLE letters (
  id uuid PRIMARY KEY,
  agency text NOT NULL,
  book text NOT NULL,
  year integer NOT NULL,
  agenda_no integer NOT NULL,
  sender text NOT NULL,
  subject text NOT NULL,
  summary text NOT NULL,
  urgency text NOT NULL,
  received_at timestamptz NOT NULL,
  registered_at timestamptz NOT NULL,
  registered_by text NOT NULL,
  tiers_done integer NOT NULL,
  state text NOT NULL,
  version integer NOT NULL,
  UNIQUE (agency, book, year, agenda_no)
) WITH (fillfactor = 80);
CREATE TABLE recipients (
  letter_id uuid NOT NULL REFERENCES letters (id) DEFERRABLE INITIALLY DEFERRED,
  place integer NOT NULL,
  name text NOT NULL,
  class text NOT NULL,
  kind text NOT NULL,
  PRIMARY KEY (letter_id, place)
);
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agency text NOT NULL,
  letter_id uuid NOT NULL REFERENCES letters (id),
  action text NOT NULL,
  person text NOT NULL,
  position text NOT NULL,
  at timestamptz NOT NULL,
  before jsonb,
  after jsonb NOT NULL,
  idempotency_key text NOT NULL,
  fingerprint bytea NOT NULL,
  UNIQUE (agency, idempotency_key)
);
CREATE INDEX audit_of_letter ON audit (letter_id);
CREATE TABLE complaints (
  id uuid PRIMARY KEY,
  agency text NOT NULL,
  number text NOT NULL,
  code_hash bytea NOT NULL,
  register_year integer NOT NULL,
  register_no integer NOT NULL,
  complaint_kind text NOT NULL,
  channel text NOT NULL,
  stance text NOT NULL,
  words text NOT NULL,
  name text NOT NULL,
  contact text NOT NULL,
  place text NOT NULL,
  received_at timestamptz NOT NULL,
  acknowledge_by timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  filed_by text NOT NULL,
  state text NOT NULL,
  version integer NOT NULL,
  UNIQUE (agency, number),
  UNIQUE (agency, register_year, register_no)
);
CREATE TABLE complaint_rungs (
  complaint_id uuid NOT NULL REFERENCES complaints (id) DEFERRABLE INITIALLY DEFERRED,
  place integer NOT NULL,
  position text NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (complaint_id, place)
);
CREATE TABLE complaint_audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  agency text NOT NULL,
  complaint_id uuid NOT NULL REFERENCES complaints (id),
  action text NOT NULL,
  person text NOT NULL,
  position text NOT NULL,
  at timestamptz NOT NULL,
  after jsonb NOT NULL,
  idempotency_key text NOT NULL,
  fingerprint bytea NOT NULL,
  UNIQUE (agency, idempotency_key)
);
CREATE INDEX audit_of_complaint ON complaint_audit (complaint_id);
CREATE FUNCTION draw_agenda (of_agency text, of_book text, of_year integer) RETURNS integer LANGUAGE sql AS $$
  INSERT INTO agenda_counters AS c (agency, book, year, last) VALUES (of_agency, of_book, of_year, 1)
  ON CONFLICT (agency, book, year) DO UPDATE SET last = c.last + 1 RETURNING last
$$;
"""


def token(agency: str, position: str) -> str:
    """The made-up token of a position; it opens nothing but a benchmark's own database."""
    return f"bench-{agency}-{position}"


def token_hash(spoken: str) -> bytes:
    return hashlib.sha256(spoken.encode()).digest()


async def create(dsn: str, agencies: Sequence[str] = AGENCIES) -> None:
    """Empty tables and one token per agency and position; what stood there before is dropped."""
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await connection.execute(
                "DROP TABLE IF EXISTS complaint_audit, complaint_rungs, complaints, audit, recipients, letters,"
                " agenda_counters, tokens"
            )
            await connection.execute("DROP FUNCTION IF EXISTS draw_agenda")
            await connection.execute(TABLES)
            people = [
                (token_hash(token(agency, position)), agency, f"{position} of {agency}", position)
                for agency in agencies
                for position in ("operator", *TIERS)
            ]
            await connection.executemany(
                "INSERT INTO tokens (token_hash, agency, person, position) VALUES ($1, $2, $3, $4)", people
            )
    finally:
        await connection.close()
