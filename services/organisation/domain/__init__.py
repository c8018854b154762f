"""The agency, people, positions, calendars, standards, tokens: their states, what is decided, how facts change them."""
