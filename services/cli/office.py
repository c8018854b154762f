"""``caraka token``, ``user``, ``standard``, ``calendar``, ``substitute``: what an office keeps from the console."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.cli.console import AsJson, reported, say, say_json, settings_or_exit, told

token_app = typer.Typer(name="token", help="Tokens for machines.", no_args_is_help=True)
user_app = typer.Typer(name="user", help="People who work with Caraka.", no_args_is_help=True)
standard_app = typer.Typer(name="standard", help="Service standards as files.", no_args_is_help=True)
calendar_app = typer.Typer(name="calendar", help="Working time and closed days.", no_args_is_help=True)
substitute_app = typer.Typer(name="substitute", help="Who acts while somebody is away.", no_args_is_help=True)
OFFICE_APPS = (token_app, user_app, standard_app, calendar_app, substitute_app)


@token_app.command("create")
def token_create(
    agency: Annotated[str, typer.Option(help="for example pekalongan")],
    role: Annotated[str, typer.Option(help="operator, kasi, kabid, kadis, courier, admin, inspector, leader")],
    label: Annotated[str, typer.Option(help="whose machine it is")] = "command line",
) -> None:
    """Issues a token; it is the last word printed, and is shown only now.

    Example: caraka token create --agency pekalongan --role inspector --label "aplikasi inspektorat"
    """
    from services.cli.access import create_token

    told(lambda: asyncio.run(create_token(settings_or_exit(), agency, role, label)))


@user_app.command("add")
def user_add(  # noqa: PLR0913 - an option each
    agency: Annotated[str, typer.Option(help="the agency's short name, for example pekalongan")],
    person: Annotated[str, typer.Option(help="short name, also the login before the @")],
    name: Annotated[str, typer.Option(help="the full name, as it is printed")],
    nip: Annotated[str, typer.Option()] = "",
    role: Annotated[
        list[str] | None,
        typer.Option(help="for example operator, kasi, courier, admin, inspector; repeat it for several"),
    ] = None,
    new_password: Annotated[  # noqa: FBT002 - typer's way
        bool, typer.Option("--new-password", help="also for who can log in already; his old password ends")
    ] = False,
) -> None:
    """Adds a person and prints a first password once.

    Example: caraka user add --agency pekalongan --person sri --name "Sri Lestari, S.Kom." --role operator
    """
    from services.cli.access import add_user

    roles = role or []
    told(lambda: asyncio.run(add_user(settings_or_exit(), agency, person, name, nip, roles, anew=new_password)))


@standard_app.command("check")
def standard_check(
    path: Annotated[Path, typer.Argument(help="a standards folder, an agency's folder, or one of its files")],
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Checks standards, positions and calendars before they are brought in; names file, place and reason.

    Example: caraka standard check contracts/standards/pekalongan/standard-berita-biasa-sanapati.toml
    """
    from services.cli.standards import checked

    sound, found = checked(path)
    say_json({"sentences": found}, ok=sound) if as_json else say("\n".join(found))
    raise typer.Exit(0 if sound else 1)


@standard_app.command("export")
def standard_export(
    agency: Annotated[str, typer.Option(help="for example pekalongan")],
    to: Annotated[Path, typer.Option(help="a new or empty folder")],
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Writes the running state of one agency as files, in the form in which they are brought in.

    Example: caraka standard export --agency pekalongan --to ./standar-pekalongan
    """
    from services.cli.standards import export

    reported(
        lambda: {"files": asyncio.run(export(settings_or_exit(), agency, to))},
        lambda found: "\n".join(found["files"]),
        as_json=as_json,
    )


@calendar_app.command("explain")
def calendar_explain(
    standard: Annotated[str, typer.Option(help="for example berita-biasa-sanapati")],
    received: Annotated[str, typer.Option("--from", help='"2026-03-13 10:30", by the agency\'s clock')],
    agency: Annotated[str, typer.Option(help="where several agencies have a standard of this name")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Tells when something received then is due, and every interval that is counted or left out.

    Example: caraka calendar explain --standard berita-biasa-sanapati --from "2026-03-13 10:30"
    """
    from services.cli.calendar import explain, in_words

    reported(lambda: asyncio.run(explain(settings_or_exit(), standard, received, agency)), in_words, as_json=as_json)


@calendar_app.command("draft")
def calendar_draft(year: Annotated[int, typer.Argument(min=2000, max=2200)]) -> None:
    """Proposes a year's closed days for calendar.toml; an officer confirms them with the decree's number.

    Example: caraka calendar draft 2027 >> calendar.toml
    """
    from services.cli.calendar import draft

    say(draft(year))


@substitute_app.command("list")
def substitute_list(
    agency: Annotated[str, typer.Option()],
    on: Annotated[str, typer.Option(help="2026-03-13; today")] = "",
    as_json: AsJson = False,  # noqa: FBT002 - typer's way
) -> None:
    """Tells who acts for each position on a day, and who would after him.

    Example: caraka substitute list --agency pekalongan --on 2026-03-13
    """
    from services.cli.substitutes import in_words, listed

    reported(lambda: asyncio.run(listed(settings_or_exit(), agency, on)), in_words, as_json=as_json)


@substitute_app.command("set")
def substitute_set(
    agency: Annotated[str, typer.Option()],
    position: Annotated[str, typer.Option()],
    by: Annotated[str, typer.Option(help="the position whose holder stands in; empty: nobody")] = "",
) -> None:
    """Names the position whose holder is Plh. while this one's holder is away. Cycles are refused.

    Example: caraka substitute set --agency pekalongan --position kabid --by kasi-persandian
    """
    from services.cli.substitutes import named

    told(lambda: asyncio.run(named(settings_or_exit(), agency, position, by or None)))


@substitute_app.command("absent")
def substitute_absent(
    agency: Annotated[str, typer.Option()],
    person: Annotated[str, typer.Option()],
    from_on: Annotated[str, typer.Option("--from", help="first day, 2026-03-13")],
    until_on: Annotated[str, typer.Option("--until", help="last day")],
    reason: Annotated[str, typer.Option()],
) -> None:
    """Enters an absence; on these days the substitutes act.

    Example: caraka substitute absent --agency pekalongan --person dewi --from 2026-03-13 --until 2026-03-17 --reason …
    """
    from services.cli.substitutes import absent

    told(lambda: asyncio.run(absent(settings_or_exit(), agency, person, (from_on, until_on), reason)))
