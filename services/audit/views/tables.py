"""The audit's own tables: 32 bytes per event, chains' heads, where each log is followed, what was found broken."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

METADATA = MetaData()

LINKS = Table(
    "links",
    METADATA,
    Column("service", String(40), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("agency", String(200), nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("links_of", "service", "agency", "position"),
)
HEADS = Table(
    "heads",
    METADATA,
    Column("service", String(40), primary_key=True),
    Column("agency", String(200), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("at", String(40), nullable=False),
)
MARKS = Table(
    "marks",
    METADATA,
    Column("service", String(40), primary_key=True),
    Column("store", String(64), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)
BREACHES = Table(
    "breaches",
    METADATA,
    Column("service", String(40), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("agency", String(200), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("found_at", String(40), nullable=False),
    Column("settled_at", String(40)),
    Column("settled_by", String(64)),
    Column("settled_why", Text),
)
BEGINNINGS = Table(  # `services.audit.views.beginnings`
    "beginnings",
    METADATA,
    Column("service", String(40), primary_key=True),
    Column("since", String(40), nullable=False),
    Column("older", BigInteger, nullable=False),
    Column("linked", Integer, nullable=False),
    Column("adopted_at", String(40)),
    Column("adopted_by", String(64)),
    Column("adopted_why", Text),
)
EPOCHS = Table(  # what was chained beyond a restore: kept for good, it proves what has been lost
    "epochs",
    METADATA,
    Column("service", String(40), primary_key=True),
    Column("store", String(64), primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("agency", String(200), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("head", LargeBinary(32), nullable=False),
    Column("common", BigInteger, nullable=False),
    Column("closed_at", String(40), nullable=False),
    Column("closed_by", String(64), nullable=False),
    Column("closed_why", Text, nullable=False),
)
