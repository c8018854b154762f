"""OpenLDAP: an ``inetOrgPerson`` an account, as Debian's schema has it. ``employeeNumber`` is the marker,
``employeeType`` the state by which Dovecot and Postfix filter: active, suspended (still receives), closed.

One entry is added by one operation, so there is never half of one. Whether an address is taken is asked of the whole
tree: an alias or a list of somebody else has it as well as an account.

An additional address is a value of the attribute that the office names, and beside it in ``labeledURI`` stands whose it
is (``urn:uuid:<account> <address>``), written by the same operation: one without that is another's hand, and stays.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE, NONE, SYNC, Connection, Server, Tls
from ldap3.core import exceptions as ldap
from ldap3.core.results import RESULT_BUSY, RESULT_UNAVAILABLE
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from services.account_provisioning.adapters.ldap_rows import (
    MARK,
    classes,
    entry_of,
    found_below,
    mark,
    marked,
    marker,
    slug_of,
    state_of,
    values,
)
from services.account_provisioning.ports import (
    CANNOT_TELL,
    NO_ALIAS,
    NO_QUOTA,
    Away,
    Conflict,
    Entry,
    Refused,
    Sessions,
    Wanted,
    agreed,
    shut_out,
)

SECONDS = 10
ELSEWHERE = ("mail", "mailAlternateAddress", "mailLocalAddress", "rfc822MailMember", "proxyAddresses", "maildrop")
"""Attributes of common schemas under which an address may be somebody's already; unknown ones match nothing."""
FORWARDS = ("maildrop", "mailForwardingAddress", "mailRoutingAddress")
ALIASES = ("mailAlternateAddress", "mailLocalAddress")
ALLOWED_BY = {"maillocaladdress": "inetLocalMailRecipient"}
"""The auxiliary class without which an ``inetOrgPerson`` may not have an attribute; of others it is there already."""
Changes = dict[str, list[tuple[str, list[str]]]]
LAST_BIND = ("authTimestamp", "pwdLastSuccess")
"""Of the overlay *lastbind*, and of OpenLDAP 2.5 and later by itself (``lastbind on``). UTC."""


@dataclass(frozen=True, slots=True)
class Account:
    """How the server is reached. ``base``: below it the accounts stand; ``tree``: what is searched for addresses.

    ``security``: ldaps, starttls, or plain (to this machine only). ``quota_attribute``: in which the mail server reads
    megabytes; empty: none is kept. ``alias_attribute``: in which it looks for additional addresses, likewise.
    """

    host: str
    port: int
    bind_dn: str
    password: str
    base: str
    tree: str
    security: str = "ldaps"
    ca_file: str | None = None
    quota_attribute: str = ""
    alias_attribute: str = ""


class LdapDirectory:
    """A connection for each thing that is done: a server that was restarted is reached again without a word."""

    def __init__(self, account: Account, sessions: Sessions | None = None) -> None:
        self._account = account
        self._sessions = sessions

    @property
    def keeps_aliases(self) -> bool:
        return bool(self._account.alias_attribute)

    def find(self, address: str) -> Entry | None:
        with self._asked() as connection:
            return self._read(connection, address)

    def ensure(self, wanted: Wanted) -> Entry:
        if wanted.quota and not self._account.quota_attribute:
            raise Refused(NO_QUOTA)
        if wanted.alias and not self.keeps_aliases:
            raise Refused(NO_ALIAS)
        with self._asked() as connection:
            known = self._ours(connection, wanted.account_id, wanted.address)
            if known is None:
                self._add(connection, wanted)
            else:
                self._change(connection, known, wanted)
            entry = agreed(wanted, self._read(connection, wanted.address))
        if known is None:
            return entry
        if wanted.revoke or not wanted.login:
            for each in (*wanted.unalias, wanted.address):
                entry = shut_out(self._sessions, each, entry)
            return entry
        if self._sessions is not None:
            for each in (*wanted.unalias, wanted.address):
                self._sessions.end(each)
        return entry

    def leads(self, address: str) -> tuple[str, ...]:
        with self._asked() as connection:
            found = self._found(connection, address)
            return self._leading(connection, address, found[0]) if found else ()

    def remove(self, account_id: UUID, address: str) -> None:
        with self._asked() as connection:
            found = self._found(connection, address)
            if found is not None and found[1].marker == account_id:
                with contextlib.suppress(ldap.LDAPNoSuchObjectResult):
                    connection.delete(found[0])  # type: ignore[no-untyped-call]  # so the stubs have it

    def set_secret(self, account_id: UUID, address: str, secret: str) -> None:
        """By the extended operation: the server hashes it as it is set up to."""
        with self._asked() as connection:
            known = self._ours(connection, account_id, address)
            if known is None:
                raise Refused("entry-missing")
            if not known[1].login:
                raise Refused("no-login")
            connection.extend.standard.modify_password(user=known[0], new_password=secret)
        if self._sessions is not None:
            self._sessions.end(address)

    def accepts(self, address: str, secret: str) -> bool:
        """By a bind as this person, which the server remembers nothing of."""
        with self._asked() as connection:
            found = self._found(connection, address)
        if found is None or not found[1].login or not secret:
            return False
        try:
            with self._asked(found[0], secret):
                return True
        except Away as away:
            if away.reason == "bind-refused":
                return False
            raise

    def last_login(self, address: str) -> datetime | None:
        """Dovecot is asked where it keeps it; else the server, whose last bind is a login where Dovecot binds as him.

        Where not even the bind by which his secret was proven has left a trace, the server keeps none.
        """
        if self._sessions is not None:
            try:
                return self._sessions.last_login(address)
            except Refused as no:
                if no.reason != CANNOT_TELL:
                    raise
        with self._asked() as connection:
            found = self._found(connection, address)
            if found is None:
                raise Refused("entry-missing")
            rows = found_below(connection, found[0], "(objectClass=*)", [*LAST_BIND])
        moments = [each for row in rows for name in LAST_BIND for each in values(row, name)]
        if not moments:
            raise Refused(CANNOT_TELL)
        return max(datetime.strptime(each[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC) for each in moments)

    def close(self) -> None:
        """No connection is kept."""

    def _read(self, connection: Connection, address: str) -> Entry | None:
        """What leads to it is looked for where it matters: nobody can log in there any more."""
        found = self._found(connection, address)
        if found is None or found[1].login:
            return found[1] if found else None
        return replace(found[1], leftovers=self._leading(connection, address, found[0]))

    def _found(self, connection: Connection, address: str) -> tuple[str, Entry] | None:
        """The account at this address, below our base; ours or not."""
        wanted = f"(&(objectClass=inetOrgPerson)(mail={escape_filter_chars(address)}))"
        rows = found_below(connection, self._account.base, wanted)
        if not rows:
            return None
        ours = next((row for row in rows if marker(row) is not None), rows[0])
        return ours["dn"], self._entry(ours, address)

    def _ours(self, connection: Connection, account_id: UUID, address: str) -> tuple[str, Entry] | None:
        """Raises `Conflict`: the address is somebody's, by whatever attribute, or the account has another one."""
        taken = self._taken(address)
        rows = found_below(connection, self._account.tree, f"(|{taken}(employeeNumber={account_id}))")
        ours = [row for row in rows if marker(row) == account_id]
        if len(ours) > 1 or any(self._entry(row, address).address != address for row in ours):
            raise Conflict("foreign-entry")
        foreign = [row for row in rows if marker(row) != account_id]
        person = any("inetorgperson" in classes(row) for row in foreign)
        if person or (foreign and not ours):  # lists and aliases that lead to an account of ours are no conflict
            raise Conflict("foreign-entry" if person else "address-in-directory")
        return (ours[0]["dn"], self._entry(ours[0], address)) if ours else None

    def _entry(self, row: dict[str, Any], address: str) -> Entry:
        name = self._account.quota_attribute
        said = next(iter(values(row, name)), "") if name else ""
        return replace(
            entry_of(row, address),
            quota=int(said) if said.isdecimal() else 0 if name else None,
            aliases=tuple(sorted(self._aliases(row) & marked(row))),
        )

    def _taken(self, address: str) -> str:
        """Of a filter: every way in which somebody may have it."""
        own = self._account.alias_attribute
        names = (*ELSEWHERE, *([own] if own and own not in ELSEWHERE else []))
        return "".join(f"({name}={escape_filter_chars(address)})" for name in names)

    def _aliases(self, row: dict[str, Any]) -> set[str]:
        name = self._account.alias_attribute
        return {each.casefold() for each in values(row, name)} if name else set()

    def _add(self, connection: Connection, wanted: Wanted) -> None:
        if not wanted.create:
            raise Refused("entry-missing")
        row: dict[str, Any] = {
            "cn": wanted.name,
            "sn": wanted.name.split()[-1],
            "mail": wanted.address,
            "employeeNumber": str(wanted.account_id),
            "employeeType": state_of(wanted),
        }
        if wanted.unit:
            row["ou"] = wanted.unit
        place = f"mail={escape_rdn(wanted.address)},{self._account.base}"
        with contextlib.suppress(ldap.LDAPEntryAlreadyExistsResult):  # reading it back tells whose it is
            connection.add(place, ["inetOrgPerson"], row)  # type: ignore[no-untyped-call]  # so the stubs have it

    def _change(self, connection: Connection, known: tuple[str, Entry], wanted: Wanted) -> None:
        place, entry = known
        wishes: dict[str, tuple[str, ...]] = {}
        if wanted.name and wanted.name != entry.name:
            wishes |= {"cn": (wanted.name,), "sn": (wanted.name.split()[-1],)}
        if wanted.unit and wanted.unit != entry.unit:
            wishes["ou"] = (wanted.unit,)
        if (entry.login, entry.receives) != (wanted.login, wanted.receives):
            wishes["employeeType"] = (state_of(wanted),)
        if wanted.revoke and entry.secret:
            wishes["userPassword"] = ()
        if wanted.quota is not None and wanted.quota != (entry.quota or 0):
            wishes[self._account.quota_attribute] = (str(wanted.quota),) if wanted.quota else ()
        if not wanted.receives:
            wishes |= self._own_forwards(connection, place)
        changes: Changes = {name: [(MODIFY_REPLACE, list(values))] for name, values in wishes.items()}
        changes |= self._aliasing(connection, known, wanted)
        if changes:
            connection.modify(place, changes)  # type: ignore[no-untyped-call]  # so the stubs have it

    def _aliasing(self, connection: Connection, known: tuple[str, Entry], wanted: Wanted) -> Changes:
        """What makes an address an additional one, and one none any more. Raises `Conflict`: it is somebody's already,
        another's or by another hand this one's.
        """
        place, entry = known
        changes: Changes = {}
        name = self._account.alias_attribute
        if not name or not (wanted.alias or wanted.unalias):
            return changes
        own = next((row for row in found_below(connection, place, "(objectClass=*)") if row["dn"] == place), None)
        if own is None:
            raise Away("vanished")
        if ended := [each for each in entry.aliases if each in wanted.unalias]:
            changes[name] = [(MODIFY_DELETE, ended)]
        if marks := [mark(wanted.account_id, each) for each in wanted.unalias if each in marked(own)]:
            changes[MARK] = [(MODIFY_DELETE, marks)]
        if not wanted.alias or wanted.alias in entry.aliases:
            return changes
        rows = found_below(connection, self._account.tree, f"(|{self._taken(wanted.alias)})")
        if rows:
            person = any("inetorgperson" in classes(row) for row in rows if row["dn"] != place)
            raise Conflict("foreign-entry" if person else "address-in-directory")
        changes.setdefault(name, []).append((MODIFY_ADD, [wanted.alias]))
        if wanted.alias not in marked(own):
            changes.setdefault(MARK, []).append((MODIFY_ADD, [mark(wanted.account_id, wanted.alias)]))
        needed = ALLOWED_BY.get(name.casefold(), "")
        if needed and needed.casefold() not in classes(own):
            changes["objectClass"] = [(MODIFY_ADD, [needed])]
        return changes

    def _own_forwards(self, connection: Connection, place: str) -> dict[str, tuple[str, ...]]:
        """Those of its own entry: they end with it."""
        rows = [row for row in found_below(connection, place, "(objectClass=*)") if row["dn"] == place]
        return {name: () for name in FORWARDS if any(values(row, name) for row in rows)}

    def _leading(self, connection: Connection, address: str, place: str) -> tuple[str, ...]:
        """What else knows the address: aliases and forwards of its own or of others, groups, the domain's catch-all."""
        domain = f"@{address.rpartition('@')[2]}"
        said, member = escape_filter_chars(address), escape_filter_chars(place)
        aliases = {*ALIASES, self._account.alias_attribute} - {""}
        leads = "".join(f"({name}={said})" for name in sorted({*aliases, *FORWARDS, "rfc822MailMember"}))
        rows = found_below(
            connection, self._account.tree,
            f"(|(mail={escape_filter_chars(domain)})(member={member})(uniqueMember={member}){leads})",
        )  # fmt: skip
        found = {
            "catch-all" if domain in values(row, "mail")
            else "alias" if any(address in values(row, name) for name in (*aliases, *FORWARDS))
            else "group"
            for row in rows if row["dn"] != place
        }  # fmt: skip
        for row in found_below(connection, self._account.base, f"(mail={said})"):
            if row["dn"] == place:
                found |= {"forward"} if any(values(row, name) for name in FORWARDS) else set()
                found |= {"alias"} if any(values(row, name) for name in aliases) else set()
        return tuple(sorted(found))

    def _server(self) -> Server:
        """A new one each time: the library believes for seconds that a server which was away still is."""
        account = self._account
        tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=account.ca_file)
        secured = account.security == "ldaps"
        return Server(account.host, account.port, use_ssl=secured, tls=tls, connect_timeout=SECONDS, get_info=NONE)

    @contextlib.contextmanager
    def _asked(self, user: str = "", password: str = "") -> Iterator[Connection]:
        """Bound, in its own connection. What goes wrong on the way is *away*; what the server will not do is not."""
        as_user, secret = (user, password) if user else (self._account.bind_dn, self._account.password)
        connection = Connection(
            self._server(), user=as_user, password=secret, client_strategy=SYNC, raise_exceptions=True,
            receive_timeout=SECONDS, auto_referrals=False,
        )  # fmt: skip
        try:
            if self._account.security == "starttls":
                connection.open()
                connection.start_tls()
            connection.bind()
            yield connection
        except (ldap.LDAPInvalidCredentialsResult, ldap.LDAPInappropriateAuthenticationResult) as refused:
            raise Away("bind-refused") from refused
        except ldap.LDAPOperationResult as result:
            if result.result in {RESULT_BUSY, RESULT_UNAVAILABLE}:
                raise Away("busy") from result
            raise Refused(slug_of(result)) from result
        except (ldap.LDAPExceptionError, OSError) as away:
            raise Away("away") from away
        finally:
            with contextlib.suppress(ldap.LDAPExceptionError, OSError):
                connection.unbind()
            if connection.socket is not None:  # the library leaves one open whose server did not answer
                connection.socket.close()
