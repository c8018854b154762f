"""Organisation: people, positions and who holds them, tokens, and the published service standards of every agency.

It answers who somebody is at this moment (sessions and tokens included) and imports the agencies' files as first facts.
It never decides about a letter, an account or a complaint, and no password, token or session is ever in its events.
"""
