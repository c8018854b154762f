"""The console script: a health check is answered at once, everything else by the whole command line."""

import sys

INTERRUPTED = 128 + 2
"""What a shell says of a program that Ctrl-C ended."""


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "health" and not sys.argv[2].startswith("-"):  # noqa: PLR2004 - caraka health NAME
        from services.kit.runtime.heartbeat import alive

        raise SystemExit(0 if alive(sys.argv[2]) else 1)
    try:
        from services.__main__ import main as whole

        whole()
    except KeyboardInterrupt:  # before anything was begun that would have to end
        sys.stderr.write("\nDihentikan.\n")
        raise SystemExit(INTERRUPTED) from None
