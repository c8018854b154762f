"""The directories of this installation, each opened when it is first asked for."""

from __future__ import annotations

from collections.abc import Sequence

from contracts.account_provisioning import MailServers
from services.account_provisioning.adapters.doveadm import Doveadm
from services.account_provisioning.adapters.ldap import Account, LdapDirectory
from services.account_provisioning.adapters.passwd_file import PasswdFile
from services.account_provisioning.ports import Directory, Refused
from services.account_provisioning.settings import DoveadmDoor, LdapRow, PasswdFileRow


class Directories:
    """``of(agency, connector)``: those outside the house. The embedded one is in the service's own database."""

    def __init__(self, rows: Sequence[PasswdFileRow | LdapRow]) -> None:
        self._rows: dict[tuple[str, str], PasswdFileRow | LdapRow] = {(row.agency, row.kind): row for row in rows}
        self._open: dict[tuple[str, str], Directory] = {}

    def of(self, agency: str, connector: str) -> Directory:
        """Raises `Refused`: nobody has said where it is."""
        key = (agency, connector)
        if key not in self._open:
            self._open[key] = self._made(agency, connector)
        return self._open[key]

    def servers(self, agency: str, connector: str) -> MailServers:
        """As its holders are told; empty where nobody has said."""
        row = self._rows.get((agency, connector))
        return MailServers(**row.servers.model_dump()) if row else MailServers()

    def close(self) -> None:
        for each in self._open.values():
            each.close()

    def _made(self, agency: str, connector: str) -> Directory:
        match self._rows.get((agency, connector)):
            case PasswdFileRow() as row:
                return PasswdFile(row.path, _sessions(row.doveadm))
            case LdapRow() as row:
                return LdapDirectory(_account(row), _sessions(row.doveadm))
            case _:
                raise Refused("not-configured")


def _account(row: LdapRow) -> Account:
    return Account(
        host=row.host,
        port=row.port,
        bind_dn=row.bind_dn,
        password=row.password_file.read_text(encoding="utf-8").strip(),
        base=row.base,
        tree=row.tree or row.base,
        security=row.security,
        ca_file=row.ca_file,
        quota_attribute=row.quota_attribute,
        alias_attribute=row.alias_attribute,
    )


def _sessions(door: DoveadmDoor | None) -> Doveadm | None:
    if door is None:
        return None
    return Doveadm(door.url, door.key_file.read_text(encoding="utf-8").strip(), door.last_login)
