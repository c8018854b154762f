"""Which rights the services' roles in PostgreSQL have (``caraka migrate --roles FOLDER``); see decision 0034."""

from pathlib import Path
from typing import get_args

from contracts.base import SealClass
from services.kit.database.roles import NoSuchRole, Rights, grant
from services.kit.settings import Settings

ADD, DESTROY = ("SELECT", "INSERT"), ("SELECT", "INSERT", "UPDATE")
EVERY_CLASS = get_args(SealClass)
ORGANISING = (*EVERY_CLASS, "contact-codes")
PREFIX = "database_url_"
ARCHIVE = ("archive",)
LETTERS = ("archive", "applicant", "reporter")  # nobody of them is told how to reach somebody
PEOPLE = ("archive", "applicant", "contact", "identity", "links", "codes")  # who asks for an account has a name, a
# telephone, a way in
REACHING = ("contact", "links", "codes", "hooks", "contact-codes")  # who reaches people reads none of their letters
REPORTERS = ("archive", "reporter", "contact", "codes")  # who reports, and the code that opens his case
PUBLIC = ("links", "codes", "applicant", "reporter")  # what strangers bring to the edge, and what it takes down of them
RIGHTS = (
    Rights("organisation", keys=DESTROY, opens=ORGANISING),  # erasing a person destroys his keys
    Rights("intake", keys=ADD, opens=(*LETTERS, "contact", "links")),  # who complains by mail; and to which case
    Rights("approval", keys=ADD, opens=LETTERS),
    Rights("dispatch", keys=ADD, opens=LETTERS),
    Rights("account_provisioning", keys=ADD, opens=PEOPLE),
    Rights("complaint", keys=ADD, opens=REPORTERS),
    Rights("notifications", keys=ADD, opens=REACHING),
    Rights("projections", keys=("SELECT",), opens=LETTERS, logs=True, builds=True),
    Rights("audit", logs=True),
    Rights("gateway", keys=ADD, opens=(*ARCHIVE, *PUBLIC)),  # it stores uploads, and no table is its own
    Rights("inspector", inspects=True),  # `caraka verify`
    Rights("backup", copies=True),  # `caraka backup`; the views are built anew
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
