"""``python -m services.cli.bus_users``: writes `deploy/nats/users.conf` from the table of rights.

It holds no secret, so it is part of the tree, and a stack's rights are those of its version. ``deploy/secrets`` takes
the names from it and makes a password for each.
"""

import sys
from pathlib import Path

from services.cli.catalogue import PARTS
from services.kit.bus.rights import bus_users, rendered

PLACE = Path("deploy/nats/users.conf")
PASSWORDS = "../../run/secrets/nats_passwords"
HEAD = """\
# Who may say and hear what on the bus. Written by `python -m services.cli.bus_users`, do not edit:
# the table is services/kit/bus/rights.py, the reasons are docs/decisions/0045-rights-on-the-bus.md.
"""


def written() -> str:
    return HEAD + rendered(bus_users(PARTS), PASSWORDS)


if __name__ == "__main__":
    PLACE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{PLACE}\n")
