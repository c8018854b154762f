"""One way to start both peers: `python -m benchmarks.peers.orm --dsn postgresql://… [--init] --port 8101`."""

import argparse
import asyncio
import os

import uvicorn

from benchmarks.peers import schema

DSN, POOL = "PEER_DSN", "PEER_POOL"


def serve(application: str) -> None:
    """`application` is `module:factory`; without `--port` only the tables are made."""
    words = argparse.ArgumentParser(description="A plain letter register to compare with.")
    words.add_argument("--dsn", default=os.environ.get(DSN), help=f"or {DSN} in the environment")
    words.add_argument("--port", type=int)
    words.add_argument("--workers", type=int, default=2)
    words.add_argument("--pool", type=int, default=16, help="connections to the database per worker")
    words.add_argument("--init", action="store_true", help="drop and make the tables first")
    said = words.parse_args()
    if not said.dsn:
        words.error(f"--dsn or {DSN} is needed")
    if said.init:
        asyncio.run(schema.create(said.dsn))
    if said.port is None:
        return
    os.environ[DSN], os.environ[POOL] = said.dsn, str(said.pool)  # the workers are processes of their own
    uvicorn.run(
        application,
        factory=True,
        host="127.0.0.1",
        port=said.port,
        workers=said.workers,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
    )
