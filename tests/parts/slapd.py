"""A real OpenLDAP (Debian's slapd) on loopback with one suffix, its accounts below ``ou=people``; up in about 0.3 s."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.parts.ensure import SYSTEM_PATH
from tests.parts.ports import free_port, wait_until
from tests.parts.server import Server

SUFFIX = "dc=purbalinggakab,dc=go,dc=id"
ADMIN, PASSWORD = f"cn=admin,{SUFFIX}", "kata-sandi-direktori"
ROOM = 1 << 30
CONFIGURATION = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/misc.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {home}/slapd.pid
sizelimit {most}
password-hash {{SSHA}}
{tls}
database mdb
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
directory {home}/data
maxsize {room}
index objectClass,mail,employeeNumber eq
index member,uniqueMember eq
lastbind {lastbind}
access to attrs=userPassword by self write by anonymous auth by * none
access to * by users read by * none
"""
BASE = f"""dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: Purbalingga
dc: purbalinggakab

dn: ou=people,{SUFFIX}
objectClass: organizationalUnit
ou: people

dn: ou=lists,{SUFFIX}
objectClass: organizationalUnit
ou: lists

"""


def slapd_binary(name: str = "slapd") -> str:
    """Of Debian's packages `slapd` and `ldap-utils`. FileNotFoundError."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")
    if found is None:
        raise FileNotFoundError(f"{name}: on Debian it comes with the package slapd (ldap-utils)")
    return found


class Slapd(Server):
    """`host`, `port`, `suffix`, `people` (the accounts' base), `admin`, `password`."""

    host, suffix, people, admin, password = "127.0.0.1", SUFFIX, f"ou=people,{SUFFIX}", ADMIN, PASSWORD

    def __init__(
        self, home: Path, port: int, *, certificate: tuple[Path, Path] | None = None, lastbind: bool = False
    ) -> None:
        (home / "data").mkdir(parents=True, exist_ok=True)
        self.port = port
        configuration = home / "slapd.conf"
        tls = ""
        if certificate is not None:
            tls = f"TLSCertificateFile {certificate[0]}\nTLSCertificateKeyFile {certificate[1]}"
        self._configuration, self._tls, self._home = configuration, tls, home
        self._lastbind = lastbind
        self._configure(ROOM)
        scheme = "ldap" if certificate is None else "ldaps"
        urls = f"{scheme}://{self.host}:{port}/"
        # -d 0 keeps it in the foreground, so that what was started can be killed
        super().__init__([slapd_binary(), "-f", str(configuration), "-h", urls, "-d", "0"], home / "slapd.log")

    def start(self) -> None:
        self.spawn()
        wait_until(self._answers, seconds=15, what=f"slapd on port {self.port}", log=self.log_tail)

    def bound(self, room: int) -> None:
        """Begins anew with so many bytes for all that it keeps."""
        self.stop()
        self._configure(room)
        self.start()

    def fill(self) -> int:
        """Lists are added until it takes no more; how many it took."""
        for number in range(10_000):
            try:
                self.add(
                    f"dn: cn=daftar-{number},ou=lists,{SUFFIX}\nobjectClass: groupOfNames\ncn: daftar-{number}\n"
                    f"description: {'x' * 2000}\nmember: {ADMIN}\n"
                )
            except subprocess.CalledProcessError:
                return number
        raise RuntimeError("it is never full")

    def _configure(self, room: int) -> None:
        self._configuration.write_text(
            CONFIGURATION.format(
                home=self._home,
                most=500,
                suffix=SUFFIX,
                admin=ADMIN,
                password=PASSWORD,
                tls=self._tls,
                room=room,
                lastbind="on" if self._lastbind else "off",
            )
        )
        self._configuration.chmod(0o600)

    def restart(self) -> None:
        self.stop()
        self.start()

    def add(self, ldif: str) -> None:
        """By Debian's own client: what stood here before Caraka came."""
        self._client("ldapadd", ldif)

    def change(self, ldif: str) -> None:
        self._client("ldapmodify", ldif)

    def read(self, wanted: str, *attributes: str) -> str:
        """LDIF of what matches, read by Debian's client."""
        command = [slapd_binary("ldapsearch"), *self._as_admin(), "-LLL", "-o", "ldif-wrap=no", "-b", SUFFIX, wanted]
        done = subprocess.run([*command, *attributes], capture_output=True, text=True, check=True)
        return done.stdout

    def logs_in(self, address: str, secret: str) -> bool:
        """By Debian's client, as this person."""
        place = f"mail={address},{self.people}"
        command = [slapd_binary("ldapwhoami"), "-x", "-H", self._url, "-D", place, "-w", secret]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    @property
    def _url(self) -> str:
        return f"ldap://{self.host}:{self.port}"

    def _as_admin(self) -> list[str]:
        return ["-x", "-H", self._url, "-D", ADMIN, "-w", PASSWORD]

    def _client(self, program: str, ldif: str) -> None:
        subprocess.run([slapd_binary(program), *self._as_admin()], input=ldif, text=True, check=True,
                       capture_output=True)  # fmt: skip

    def _answers(self) -> bool:
        if not self.running:
            raise RuntimeError(f"slapd ended at once\n{self.log_tail()}")
        command = [slapd_binary("ldapwhoami"), *self._as_admin()]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


def start_slapd(home: Path, port: int | None = None, *, lastbind: bool = False) -> Slapd:
    """With the suffix and two empty folders; the caller kills it. ``lastbind``: it keeps who bound when."""
    slapd = Slapd(home, port or free_port(), lastbind=lastbind)
    slapd.start()
    slapd.add(BASE)
    return slapd
