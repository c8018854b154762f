"""A NATS server with the users of the compose stack: their rights from deploy/nats/users.conf, passwords made anew."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.cli.bus_users import PLACE
from services.cli.catalogue import PARTS
from services.kit.bus.rights import bus_users
from tests.parts.nats import Nats, start_nats

ROOT = Path(__file__).parents[2]
USERS = tuple(user.name for user in bus_users(PARTS))


@dataclass(frozen=True)
class ClosedNats:
    """`server` may be killed and started again; `secrets` is the folder that deploy/secrets has filled."""

    server: Nats
    secrets: Path

    def url(self, user: str) -> str:
        """With the user's password."""
        credentials = (self.secrets / f"nats_url_{user}").read_text().split("@")[0]
        return f"{credentials}@127.0.0.1:{self.server.port}"


def make_secrets(folder: Path) -> str:
    """Runs deploy/secrets; what it said."""
    command = [str(ROOT / "deploy" / "secrets"), str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def start_closed_nats(home: Path) -> ClosedNats:
    """The files lie to each other as in the container; the caller ends `server`."""
    secrets = home / "run" / "secrets"
    make_secrets(secrets)
    (home / "etc" / "nats").mkdir(parents=True)
    shutil.copy(ROOT / PLACE, home / "etc" / "nats" / "users.conf")
    return ClosedNats(start_nats(home, extra='include "etc/nats/users.conf"'), secrets)
