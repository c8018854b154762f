"""Which rights the services' roles in PostgreSQL have (``caraka migrate --roles FOLDER``); see decision 0034."""

from pathlib import Path

from services.kit.database.roles import NoSuchRole, Rights, grant
from services.kit.settings import Settings

ADD, DESTROY = ("SELECT", "INSERT"), ("SELECT", "INSERT", "UPDATE")
PREFIX = "database_url_"
RIGHTS = (
    Rights("organisation", keys=DESTROY),  # erasing a person destroys his keys
    Rights("intake", keys=ADD),
    Rights("approval", keys=ADD),
    Rights("dispatch", keys=ADD),
    Rights("projections", keys=("SELECT",), logs=True, builds=True),
    Rights("audit", logs=True),
    Rights("gateway", keys=ADD),  # it stores uploads, and no table is its own
    Rights("inspector", inspects=True),  # `caraka verify`
)


def roles_or_why_not(settings: Settings, folder: Path) -> str:
    """Reads ``database_url_<service>`` for each row above from the folder; the roles that got their rights, in words.

    Raises SystemExit with a sentence (nothing was changed), and psycopg's errors.
    """
    if settings.database_url is None:
        raise SystemExit("Peran hanya ada di PostgreSQL: tetapkan CARAKA_DATABASE_URL.")
    addresses = {
        path.name.removeprefix(PREFIX): path.read_text(encoding="utf-8").strip()
        for path in sorted(folder.glob(f"{PREFIX}*"))
    }
    try:
        given = grant(settings.database_url.get_secret_value(), addresses, RIGHTS)
    except NoSuchRole as missing:
        raise SystemExit(f"Peran basis data tidak diubah: {missing}") from missing
    return f"Peran basis data: {', '.join(given)}."
