"""With a real Dovecot, from a passwd-file and from OpenLDAP: the new account logs in, sends and receives; what is
revoked ends everywhere, although Dovecot remembers secrets for an hour.
"""

import imaplib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.account_provisioning.adapters.doveadm import Doveadm
from services.account_provisioning.adapters.ldap import LdapDirectory
from services.account_provisioning.adapters.passwd_file import PasswdFile
from services.account_provisioning.ports import Away, Directory, Refused, Wanted
from tests.integration.test_directories import AMINAH, SITI, account, new
from tests.parts.mail_server import MailServer, start_mail_server
from tests.parts.slapd import start_slapd

EVERY_WAY = {"imap": True, "pop": True, "smtp": True}
NO_WAY = dict.fromkeys(EVERY_WAY, False)
FIRST, SECOND = "kuda-laut-biru", "gajah-duduk-di-atap"


@dataclass
class Office:
    directory: Directory
    mail: MailServer


@pytest.fixture(params=["passwd-file", "ldap"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    slapd = start_slapd(tmp_path / "slapd") if request.param == "ldap" else None
    mail = start_mail_server(tmp_path / "mail", slapd)
    door = Doveadm(mail.administration, mail.key)
    try:
        yield Office(LdapDirectory(account(slapd), door) if slapd else PasswdFile(mail.users, door), mail)
    finally:
        mail.discard()
        if slapd is not None:
            slapd.kill()


def test_from_the_first_secret_to_the_last_letter(office: Office) -> None:
    directory, mail, mine = office.directory, office.mail, uuid4()
    assert not mail.deliver(SITI), "nobody of this address yet"
    directory.ensure(new(mine))
    assert mail.logs_in(SITI, "") == mail.logs_in(SITI, "*") == NO_WAY
    assert mail.deliver(SITI), "it receives before its holder has come"
    directory.set_secret(mine, SITI, FIRST)
    assert mail.logs_in(SITI, FIRST) == EVERY_WAY
    assert mail.letters(SITI, FIRST) == 1
    directory.set_secret(mine, SITI, SECOND)
    assert mail.logs_in(SITI, FIRST) == NO_WAY
    assert mail.logs_in(SITI, SECOND) == EVERY_WAY
    directory.ensure(Wanted(mine, SITI, login=False))
    assert mail.logs_in(SITI, SECOND) == NO_WAY
    assert mail.deliver(SITI), "suspended it still receives"
    directory.ensure(Wanted(mine, SITI))
    assert mail.logs_in(SITI, SECOND) == EVERY_WAY
    assert mail.letters(SITI, SECOND) == 2
    directory.ensure(Wanted(mine, SITI, login=False, receives=False))
    assert mail.logs_in(SITI, SECOND) == NO_WAY
    assert not mail.deliver(SITI)


def test_a_secret_that_became_known_ends_with_all_that_is_logged_in(office: Office) -> None:
    directory, mail, mine = office.directory, office.mail, uuid4()
    directory.ensure(new(mine))
    directory.set_secret(mine, SITI, FIRST)
    assert mail.logs_in(SITI, FIRST) == EVERY_WAY, "and Dovecot remembers it now"
    intruder = mail.session(SITI, FIRST)
    intruder.select("INBOX")
    directory.ensure(Wanted(mine, SITI, revoke=True))
    assert mail.logs_in(SITI, FIRST) == NO_WAY
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        intruder.noop()
    intruder.shutdown()


def test_a_quota_is_set_changed_and_taken_back_where_it_is_kept_and_refused_where_not(office: Office) -> None:
    directory, mail, mine = office.directory, office.mail, uuid4()
    directory.ensure(new(mine))
    if isinstance(directory, LdapDirectory):
        with pytest.raises(Refused, match="quota-not-kept"):
            directory.ensure(Wanted(mine, SITI, name="Siti Rahayu", quota=2048))
        found = directory.find(SITI)
        assert found is not None
        assert (found.name, found.quota) == ("Siti Nur'aini", None), "and nothing else was done either"
        assert directory.ensure(Wanted(mine, SITI, quota=0)).quota is None, "there is nothing to take back"
        directory._account = replace(directory._account, quota_attribute="roomNumber")
    directory.set_secret(mine, SITI, FIRST)
    assert directory.ensure(Wanted(mine, SITI, quota=2048)).quota == 2048
    assert directory.ensure(Wanted(mine, SITI)).quota == 2048, "None: as it is"
    assert directory.ensure(Wanted(mine, SITI, quota=1024)).quota == 1024
    assert mail.logs_in(SITI, FIRST) == EVERY_WAY, "the line is still one that Dovecot reads"
    assert directory.ensure(Wanted(mine, SITI, quota=0)).quota == 0
    if isinstance(directory, PasswdFile):
        mail.users.write_text(mail.users.read_text().rstrip("\n") + " userdb_quota_rule=*:bytes=5G\n")
        with pytest.raises(Refused, match="quota-not-kept"):
            directory.ensure(Wanted(mine, SITI, quota=2048))
        directory.ensure(Wanted(mine, SITI, quota=0))
        assert "*:bytes=5G" in mail.users.read_text(), "a rule that somebody wrote by hand stays his"


def test_a_letter_to_an_additional_address_comes_into_the_same_mailbox(office: Office) -> None:
    directory, mail, mine = office.directory, office.mail, uuid4()
    directory.ensure(new(mine))
    directory.set_secret(mine, SITI, FIRST)
    assert not mail.deliver(AMINAH)
    if isinstance(directory, PasswdFile):
        with pytest.raises(Refused, match="alias-not-kept"):
            directory.ensure(Wanted(mine, SITI, alias=AMINAH))
        return
    directory.ensure(Wanted(mine, SITI, alias=AMINAH))
    assert mail.deliver(AMINAH)
    assert mail.deliver(SITI)
    assert mail.letters(SITI, FIRST) == 2
    assert mail.logs_in(AMINAH, FIRST) == NO_WAY, "nobody logs in by it"
    directory.ensure(Wanted(mine, SITI, login=False))
    assert mail.deliver(AMINAH), "suspended it still receives"
    directory.ensure(Wanted(mine, SITI, unalias=(AMINAH,)))
    assert not mail.deliver(AMINAH), "although Dovecot remembers for an hour"
    assert mail.deliver(SITI)


def test_when_somebody_logged_in_last_is_told_by_dovecot_where_it_keeps_it(office: Office) -> None:
    directory, mail, mine = office.directory, office.mail, uuid4()
    directory.ensure(new(mine))
    directory.set_secret(mine, SITI, FIRST)
    assert directory.accepts(SITI, FIRST), "as the service proves it"
    with pytest.raises(Refused, match="cannot-tell"):
        directory.last_login(SITI)
    directory._sessions = Doveadm(mail.administration, mail.key, mail.logins)  # type: ignore[attr-defined]
    assert directory.last_login(SITI) is None, "nobody has, and the proof is none"
    before = datetime.now(UTC).replace(microsecond=0)
    mail.letters(SITI, FIRST)
    at = directory.last_login(SITI)
    assert at is not None
    assert before <= at <= datetime.now(UTC)
    directory._sessions = Doveadm("http://127.0.0.1:9", mail.key, mail.logins)  # type: ignore[attr-defined]
    with pytest.raises(Away):
        directory.last_login(SITI)


def test_openldap_tells_it_where_it_keeps_binds_and_says_plainly_where_it_does_not(tmp_path: Path) -> None:
    for keeps in (True, False):
        slapd, mine = start_slapd(tmp_path / str(keeps), lastbind=keeps), uuid4()
        try:
            directory = LdapDirectory(account(slapd))
            directory.ensure(new(mine))
            directory.set_secret(mine, SITI, FIRST)
            before = datetime.now(UTC).replace(microsecond=0)
            assert directory.accepts(SITI, FIRST)
            if not keeps:
                with pytest.raises(Refused, match="cannot-tell"):
                    directory.last_login(SITI)
                continue
            at = directory.last_login(SITI)
            assert at is not None
            assert before <= at <= datetime.now(UTC)
        finally:
            slapd.kill()


def test_a_door_that_is_shut_means_that_it_is_not_done(office: Office, tmp_path: Path) -> None:
    mail, mine = office.mail, uuid4()
    office.directory.ensure(new(mine))
    office.directory.set_secret(mine, SITI, FIRST)
    wrong = Doveadm(mail.administration, "kunci-salah")
    shut = Doveadm("http://127.0.0.1:9", mail.key)
    for door in (wrong, shut):
        with pytest.raises(Away, match="sessions"):
            door.end(SITI)


def test_sessions_that_nobody_can_end_are_told_and_the_secret_has_ended_all_the_same(office: Office) -> None:
    directory, mail, mine = office.directory, office.mail, uuid4()
    directory.ensure(new(mine))
    directory.set_secret(mine, SITI, FIRST)
    directory._sessions = Doveadm("http://127.0.0.1:9", mail.key)  # type: ignore[attr-defined]  # the door is shut now
    ended = directory.ensure(Wanted(mine, SITI, revoke=True))
    assert (ended.secret, ended.leftovers) == (False, ("sessions",))
    assert not directory.accepts(SITI, FIRST)
    with pytest.raises(Away):  # a new secret is no answer while the old one may be remembered
        directory.set_secret(mine, SITI, SECOND)
    directory._sessions = Doveadm(mail.administration, mail.key)  # type: ignore[attr-defined]
    assert directory.ensure(Wanted(mine, SITI, revoke=True)).leftovers == ()
    directory.set_secret(mine, SITI, SECOND)
    assert mail.logs_in(SITI, FIRST) == NO_WAY
    assert mail.logs_in(SITI, SECOND) == EVERY_WAY
