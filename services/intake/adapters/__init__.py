"""Where intake touches the outside: one module per technology, each behind a Protocol of `ports`."""
