"""``caraka audit breaches|adopt``: what the patrol found, and what a person decides after a restore."""

import asyncio
import sys
from typing import Annotated

import typer

from services.cli.console import settings_or_exit

audit_app = typer.Typer(name="audit", help="The hash chains.", no_args_is_help=True)


@audit_app.command("breaches")
def audit_breaches() -> None:
    """What the patrol found changed, and has not been settled."""
    from services.cli.parking import NONE, operation

    found = asyncio.run(operation(settings_or_exit(), "audit", "breaches", {}))
    sys.stdout.write(f"{'Patroli tidak menemukan perubahan.' if found == NONE else found}\n")


@audit_app.command("settle")
def audit_settle(
    service: Annotated[str, typer.Argument(help="whose history was changed")],
    position: Annotated[int, typer.Argument(help="where, as `caraka audit breaches` says it")],
    reason: Annotated[str, typer.Option()],
    by: Annotated[str, typer.Option(help="who has dealt with it")],
) -> None:
    """A person has dealt with a breach: it stays written down, with who and why."""
    from services.cli.parking import housekeeping

    dealt = housekeeping(
        settings_or_exit(), "audit", "settle", service=service, position=position, reason=f"{reason} ({by})", by=by
    )
    sys.stdout.write(asyncio.run(dealt) + "\n")


@audit_app.command("adopt")
def audit_adopt(
    service: Annotated[str, typer.Argument(help="the service whose store was restored")],
    reason: Annotated[str, typer.Option()],
    by: Annotated[str, typer.Option(help="who decides this")],
) -> None:
    """After a restore: chains on from what both have in common; the old heads are kept."""
    from services.cli.parking import housekeeping

    adopted = housekeeping(
        settings_or_exit(), "audit", "adopt", service=service, reason=f"{reason} ({by})", by=by
    )  # fmt: skip
    sys.stdout.write(asyncio.run(adopted) + "\n")
