"""The promises of the house as exact checks: each reads what is stored, changes nothing, and names the first breach."""
