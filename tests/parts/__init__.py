"""Real parts, started by the tests themselves: PostgreSQL, NATS, Dovecot; each on loopback, in its own directory."""
