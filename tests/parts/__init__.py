"""Real parts, started by the tests themselves: PostgreSQL, NATS, Dovecot. Each on loopback, in a directory of its own."""
