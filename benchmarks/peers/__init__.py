"""The plain letter registers that a team would write instead of Caraka.

Both keep the same tables, take the same two commands and give the same replies: a letter entered by hand (gapless
agenda number, recipients, audit row with before and after, Idempotency-Key) and an initial. `orm` is written with
SQLAlchemy's ORM, `sql` with hand-written asyncpg. They are measured, never shipped.
"""
