"""``caraka audit breaches|adopt``: what the patrol found, and what a person decides after a restore."""

import asyncio
import json
import sys
from typing import Annotated

import typer

from services.cli.console import AsJson, say, say_json, settings_or_exit

audit_app = typer.Typer(name="audit", help="The hash chains.", no_args_is_help=True)


@audit_app.command("breaches")
def audit_breaches(as_json: AsJson = False) -> None:  # noqa: FBT002 - typer's way
    """What the patrol found changed, and has not been settled.

    Example: caraka audit breaches
    """
    from services.cli.clock import by_the_clock, told_at
    from services.cli.parking import operation

    settings = settings_or_exit()
    answer = asyncio.run(operation(settings, "audit", "breaches", {}))
    try:
        found = json.loads(answer)
    except json.JSONDecodeError:  # a sentence says why there is no answer
        say_json({"sentence": answer}, ok=False) if as_json else say(answer)
        raise typer.Exit(1) from None
    if as_json:
        say_json({"breaches": found})
        return
    lines = [
        f"{each['service']}, posisi {each['position']}: {by_the_clock(each['sentence'], settings)} "
        f"(ditemukan {told_at(each['found_at'], settings, each['agency']) if each['found_at'] else '–'})"
        for each in found
    ]
    say("\n".join(lines) or "Patroli tidak menemukan perubahan.")


@audit_app.command("settle")
def audit_settle(
    service: Annotated[str, typer.Argument(help="whose history was changed")],
    position: Annotated[int, typer.Argument(help="where, as `caraka audit breaches` says it")],
    reason: Annotated[str, typer.Option()],
    by: Annotated[str, typer.Option(help="who has dealt with it")],
) -> None:
    """A person has dealt with a breach: it stays written down, with who and why.

    Example: caraka audit settle intake 4711 --by budi --reason "disk diganti, dibandingkan dengan cadangan"
    """
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
    """After a restore: chains on from what both have in common; the old heads are kept.

    Example: caraka audit adopt intake --by budi --reason "dipulihkan dari cadangan kemarin"
    """
    from services.cli.parking import housekeeping

    adopted = housekeeping(
        settings_or_exit(), "audit", "adopt", service=service, reason=f"{reason} ({by})", by=by
    )  # fmt: skip
    sys.stdout.write(asyncio.run(adopted) + "\n")
