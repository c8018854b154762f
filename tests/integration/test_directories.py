"""One suite for every kind of directory: it does what is wanted, finds its own work again, and takes over nothing."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine

from services.account_provisioning.adapters import embedded
from services.account_provisioning.adapters.embedded import EmbeddedDirectory
from services.account_provisioning.adapters.ldap import Account, LdapDirectory
from services.account_provisioning.adapters.passwd_file import PasswdFile
from services.account_provisioning.ports import Away, Conflict, Directory, DirectoryError, Refused, Wanted
from tests.parts.slapd import Slapd, start_slapd

DOMAIN = "purbalinggakab.go.id"
SITI = f"siti.nuraini@{DOMAIN}"
RECIPIENT = """dn: cn=l,ou=lists,{s}
objectClass: inetLocalMailRecipient
objectClass: organizationalRole
cn: l
mailLocalAddress: {a}
"""
HOSTILE = (
    "Siti: Nur'aini, S.Kom", "*)(uid=*", "admin)(|(mail=*", "%K %u %{pw}", "#closed :x:", "=cmd|' /C calc'!A0",
    "Łucja Ñandú 李", "a\\2a\\00b", "dn: cn=admin", "Satu  dua +tiga=empat", "<script>alert(1)</script>", "O=x,DC=id",
)  # fmt: skip


@dataclass
class Place:
    """``open``: the directory, as often as wanted. ``plant``: a foreign account of this address, by another's hand.

    ``raw``: everything that stands there, as text. ``plant_alias``: the address leads to somebody else's account, by
    another's hand.
    """

    open: Callable[[], Directory]
    plant: Callable[[str], None]
    raw: Callable[[], str]
    plant_alias: Callable[[str], None]


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    server = start_slapd(tmp_path_factory.mktemp("slapd"))
    yield server
    server.kill()


@pytest.fixture(params=["embedded", "embedded on postgres", "passwd-file", "ldap"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "ldap":
        yield from _ldap(request.getfixturevalue("slapd"))
    elif request.param == "passwd-file":
        yield _file(tmp_path)
    else:
        url = f"sqlite:///{tmp_path / 'directory.sqlite'}"
        if "postgres" in request.param:
            url = "postgresql+psycopg://" + request.getfixturevalue("pg_url").split("://", 1)[1]
        yield from _table(url)


def account(slapd: Slapd, **changes: object) -> Account:
    told = {
        "host": slapd.host, "port": slapd.port, "bind_dn": slapd.admin, "password": slapd.password,
        "base": slapd.people, "tree": slapd.suffix, "security": "plain", "alias_attribute": "mailLocalAddress",
    }  # fmt: skip
    return Account(**{**told, **changes})  # type: ignore[arg-type]


def person(slapd: Slapd, address: str) -> str:
    return (
        f"dn: mail={address},{slapd.people}\nobjectClass: inetOrgPerson\ncn: Orang lain\nsn: lain\nmail: {address}\n"
        "employeeNumber: 7\nemployeeType: active\nuserPassword: lama\n"
    )


def _ldap(slapd: Slapd) -> Iterator[Place]:
    before = set(_dns(slapd))
    yield Place(
        lambda: LdapDirectory(account(slapd)),
        lambda address: slapd.add(person(slapd, address)),
        lambda: slapd.read("(objectClass=*)"),
        lambda address: slapd.add(RECIPIENT.format(s=slapd.suffix, a=address)),
    )
    for dn in sorted(set(_dns(slapd)) - before, key=len, reverse=True):
        slapd.change(f"dn: {dn}\nchangetype: delete\n")


def _dns(slapd: Slapd) -> list[str]:
    return [line[4:] for line in slapd.read("(objectClass=*)", "dn").splitlines() if line.startswith("dn: ")]


def _file(folder: Path) -> Place:
    users = folder / "users"

    def plant(address: str) -> None:
        with users.open("a") as file:
            file.write(f"# dibuat tangan\n{address}:{{PLAIN}}lama:5000:5000::/srv/{address}::\n")

    return Place(lambda: PasswdFile(users), plant, lambda: users.read_text() if users.exists() else "", plant)


def _table(url: str) -> Iterator[Place]:
    engine = create_engine(url)
    embedded.METADATA.create_all(engine)

    def plant(address: str) -> None:
        with engine.begin() as connection:
            row = {"agency": "purbalingga", "address": address, "account_id": str(uuid4())}
            connection.execute(
                embedded.ENTRIES.insert().values(**row, name="Lain", unit="", login=True, receives=True, secret="lama")
            )

    def raw() -> str:
        with engine.connect() as connection:
            tables = (embedded.ENTRIES, embedded.ALIASES)
            rows = [row for each in tables for row in connection.execute(each.select().order_by(each.c.address))]
        return "\n".join(map(str, rows))

    def plant_alias(address: str) -> None:
        with engine.begin() as connection:
            row = {"agency": "purbalingga", "address": address, "account_id": str(uuid4())}
            connection.execute(embedded.ALIASES.insert().values(**row))

    yield Place(lambda: EmbeddedDirectory(engine, "purbalingga"), plant, raw, plant_alias)
    engine.dispose()


def new(account_id: UUID, address: str = SITI, **changes: object) -> Wanted:
    told = {"name": "Siti Nur'aini", "unit": "Dinas Kesehatan", "create": True}
    return Wanted(account_id, address, **{**told, **changes})  # type: ignore[arg-type]


def test_what_is_wanted_stands_there_without_a_secret(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    entry = directory.ensure(new(mine))
    assert (entry.marker, entry.address, entry.name, entry.unit) == (mine, SITI, "Siti Nur'aini", "Dinas Kesehatan")
    assert (entry.login, entry.receives, entry.secret) == (True, True, False)
    assert not directory.accepts(SITI, "")
    assert not directory.accepts(SITI, "*")


def test_whoever_did_it_and_lost_the_answer_finds_it_again(place: Place) -> None:
    mine = uuid4()
    first = place.open().ensure(new(mine))
    before = place.raw()
    again = place.open().ensure(new(mine))
    assert again.digest() == first.digest()
    assert place.raw() == before, "the same once more changes nothing"


def test_an_account_of_another_is_never_taken_over(place: Place) -> None:
    place.plant(SITI)
    directory, mine, before = place.open(), uuid4(), place.raw()
    for act in (
        lambda: directory.ensure(new(mine)),
        lambda: directory.ensure(Wanted(mine, SITI, login=False)),
        lambda: directory.set_secret(mine, SITI, "rahasia-baru"),
    ):
        with pytest.raises(Conflict, match="foreign-entry"):
            act()
    directory.remove(mine, SITI)
    assert place.raw() == before
    found = directory.find(SITI)
    assert found is not None
    assert found.marker != mine


def test_an_account_has_one_address(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    directory.ensure(new(mine))
    with pytest.raises(Conflict):
        directory.ensure(new(mine, f"lain@{DOMAIN}"))
    assert directory.find(f"lain@{DOMAIN}") is None


def test_what_is_not_there_is_not_made_by_a_change(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    with pytest.raises(Refused, match="entry-missing"):
        directory.ensure(Wanted(mine, SITI, login=False))
    with pytest.raises(Refused, match="entry-missing"):
        directory.set_secret(mine, SITI, "rahasia")
    directory.remove(mine, SITI)
    assert directory.find(SITI) is None


def test_a_secret_is_set_replaced_and_revoked(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    directory.ensure(new(mine))
    directory.set_secret(mine, SITI, "kuda-laut-biru")
    assert directory.accepts(SITI, "kuda-laut-biru")
    directory.set_secret(mine, SITI, "gajah-duduk-di-atap")
    assert not directory.accepts(SITI, "kuda-laut-biru")
    assert directory.ensure(Wanted(mine, SITI)).secret, "a forgotten one works until the next is set"
    assert directory.accepts(SITI, "gajah-duduk-di-atap")
    assert not directory.ensure(Wanted(mine, SITI, revoke=True)).secret
    assert not directory.accepts(SITI, "gajah-duduk-di-atap")
    assert "gajah" not in place.raw()


def test_suspended_it_receives_and_resumed_it_has_its_secret_again(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    directory.ensure(new(mine))
    directory.set_secret(mine, SITI, "kuda-laut-biru")
    suspended = directory.ensure(Wanted(mine, SITI, login=False))
    assert (suspended.login, suspended.receives) == (False, True)
    assert not directory.accepts(SITI, "kuda-laut-biru")
    with pytest.raises(Refused, match="no-login"):
        directory.set_secret(mine, SITI, "lain")
    assert directory.ensure(Wanted(mine, SITI)).login
    assert directory.accepts(SITI, "kuda-laut-biru")
    closed = directory.ensure(Wanted(mine, SITI, login=False, receives=False))
    assert (closed.login, closed.receives, closed.marker) == (False, False, mine)
    assert not directory.accepts(SITI, "kuda-laut-biru")


def test_a_change_leaves_the_secret_and_what_it_does_not_name(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    directory.ensure(new(mine))
    directory.set_secret(mine, SITI, "kuda-laut-biru")
    changed = directory.ensure(Wanted(mine, SITI, name="Siti Nur'aini Putri"))
    assert (changed.name, changed.unit) == ("Siti Nur'aini Putri", "Dinas Kesehatan")
    assert directory.accepts(SITI, "kuda-laut-biru")


def test_undone_nothing_of_ours_is_left(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    before = place.raw()
    directory.ensure(new(mine))
    directory.remove(uuid4(), SITI)
    assert directory.find(SITI) is not None, "only its own may be removed"
    directory.remove(mine, SITI)
    directory.remove(mine, SITI)
    assert directory.find(SITI) is None
    assert place.raw() == before


AMINAH = f"siti.aminah@{DOMAIN}"


def test_an_additional_address_is_given_found_again_and_taken_away_or_refused_where_none_is_kept(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    first = directory.ensure(new(mine))
    directory.set_secret(mine, SITI, "kuda-laut-biru")
    before, wanted = place.raw(), Wanted(mine, SITI, name="Siti Aminah", alias=AMINAH)
    if not directory.keeps_aliases:
        with pytest.raises(Refused, match="alias-not-kept"):
            directory.ensure(wanted)
        directory.ensure(Wanted(mine, SITI, unalias=(AMINAH,)))
        assert place.raw() == before, "and nothing else was done either"
        return
    entry = directory.ensure(wanted)
    assert (entry.address, entry.name, entry.aliases) == (SITI, "Siti Aminah", (AMINAH,))
    assert entry.digest() != replace(entry, aliases=()).digest()
    made = place.raw()
    assert place.open().ensure(wanted).digest() == entry.digest(), "whoever lost the answer finds it again"
    assert place.raw() == made
    assert directory.ensure(Wanted(mine, SITI, login=False)).aliases == (AMINAH,), (
        "suspended it still receives under it"
    )
    second = f"siti.mawar@{DOMAIN}"
    assert directory.ensure(Wanted(mine, SITI, alias=second)).aliases == (AMINAH, second)
    assert directory.accepts(SITI, "kuda-laut-biru")
    assert not directory.accepts(AMINAH, "kuda-laut-biru"), "nobody logs in by it"
    assert directory.ensure(Wanted(mine, SITI, unalias=(AMINAH,))).aliases == (second,)
    undone = directory.ensure(Wanted(mine, SITI, name="Siti Nur'aini", unalias=(AMINAH, second)))
    assert (undone.aliases, undone.digest()) == ((), first.digest())
    assert AMINAH not in place.raw()


def test_an_address_that_was_there_before_is_never_given_as_an_additional_one(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    directory.ensure(new(mine))
    budi = f"budi@{DOMAIN}"
    directory.ensure(new(uuid4(), budi, name="Budi"))
    place.plant(f"orang@{DOMAIN}")
    place.plant_alias(AMINAH)
    before = place.raw()
    for alias, reason in ((budi, "foreign-entry"), (f"orang@{DOMAIN}", "foreign-entry"), (AMINAH, "in-directory")):
        no, why = (Conflict, reason) if directory.keeps_aliases else (Refused, "alias-not-kept")
        with pytest.raises(no, match=why):
            directory.ensure(Wanted(mine, SITI, name="Siti Aminah", alias=alias))
        directory.ensure(Wanted(mine, SITI, unalias=(alias,)))
    assert place.raw() == before, "neither given nor taken away, and nothing else was done"


def test_an_address_that_is_an_additional_one_is_no_other_accounts(place: Place) -> None:
    directory, mine = place.open(), uuid4()
    directory.ensure(new(mine))
    if not directory.keeps_aliases:
        assert directory.ensure(new(uuid4(), AMINAH)).aliases == ()
        return
    directory.ensure(Wanted(mine, SITI, alias=AMINAH))
    with pytest.raises(Conflict):
        directory.ensure(new(uuid4(), AMINAH, name="Siti Aminah"))
    other = uuid4()
    directory.ensure(new(other, f"budi@{DOMAIN}", name="Budi"))
    with pytest.raises(Conflict):
        directory.ensure(Wanted(other, f"budi@{DOMAIN}", alias=AMINAH))
    directory.ensure(Wanted(mine, SITI, login=False, receives=False, unalias=(AMINAH,)))
    assert directory.ensure(Wanted(other, f"budi@{DOMAIN}", alias=AMINAH)).aliases == (AMINAH,)
    directory.remove(other, f"budi@{DOMAIN}")
    assert AMINAH not in place.raw()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_a_name_whatever_it_says(place: Place, name: str) -> None:
    directory, mine, other = place.open(), uuid4(), uuid4()
    directory.ensure(new(other, f"budi@{DOMAIN}", name="Budi"))
    entry = directory.ensure(new(mine, name=name, unit=name))
    assert (entry.name, entry.unit) == (name, name)
    directory.set_secret(mine, SITI, name)
    assert directory.accepts(SITI, name)
    budi = directory.find(f"budi@{DOMAIN}")
    assert budi is not None
    assert (budi.name, budi.marker) == ("Budi", other)


@pytest.mark.parametrize("address", ["*", "*)(mail=*", "budi*", "", "(|(a=b"])
def test_an_address_that_is_a_filter_finds_nothing(place: Place, address: str) -> None:
    directory = place.open()
    directory.ensure(new(uuid4(), f"budi@{DOMAIN}"))
    assert directory.find(address) is None
    assert not directory.accepts(address, "x")


def test_two_at_one_moment_give_one_account(place: Place) -> None:
    directories = [place.open() for _ in range(6)]
    ids = [uuid4() for _ in directories]
    found: list[UUID] = []
    lost: list[DirectoryError] = []
    gate = threading.Barrier(len(ids))

    def race(directory: Directory, mine: UUID) -> None:
        gate.wait()
        for _ in range(20):  # what lost its way asks again, as a job does
            try:
                found.append(directory.ensure(new(mine)).marker or mine)
            except Conflict as no:
                lost.append(no)
            except Away:
                continue
            return

    threads = [threading.Thread(target=race, args=each) for each in zip(directories, ids, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), len(lost)) == (1, len(ids) - 1)
    winner = place.open().find(SITI)
    assert winner is not None
    assert winner.marker == found[0]


# ── OpenLDAP alone ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ldif", "reason"),
    [
        ("dn: cn=semua,ou=lists,{s}\nobjectClass: nisMailAlias\ncn: semua\nrfc822MailMember: {a}\n", "in-directory"),
        ("dn: mail=lama@x.id,{p}\nobjectClass: inetOrgPerson\ncn: L\nsn: L\nmail: lama@x.id\nmail: {a}\n", "foreign"),
        (RECIPIENT, "in-directory"),
    ],
    ids=["alias", "second address", "local recipient"],
)  # fmt: skip
def test_an_address_that_is_an_alias_of_somebody_is_taken(slapd: Slapd, ldif: str, reason: str) -> None:
    before = set(_dns(slapd))
    slapd.add(ldif.format(s=slapd.suffix, p=slapd.people, a=SITI))
    try:
        with pytest.raises(Conflict, match=reason):
            LdapDirectory(account(slapd)).ensure(new(uuid4()))
    finally:
        for dn in set(_dns(slapd)) - before:
            slapd.change(f"dn: {dn}\nchangetype: delete\n")


ROUTED = """dn: mail={a},{p}
changetype: modify
add: objectClass
objectClass: inetLocalMailRecipient
-
add: mailRoutingAddress
mailRoutingAddress: siti@luar.example
-
add: mailLocalAddress
mailLocalAddress: ketua@x.id
"""


def test_what_leads_to_it_is_told_before_and_after(slapd: Slapd) -> None:
    """Suspended it forwards on, and somebody has to know; closed, its own forward ends with it, and others' stay."""
    directory, mine, before = LdapDirectory(account(slapd)), uuid4(), set(_dns(slapd))
    directory.ensure(new(mine))
    assert directory.leads(SITI) == ()
    slapd.add(
        f"dn: cn=puskesmas,ou=lists,{slapd.suffix}\nobjectClass: groupOfNames\ncn: puskesmas\n"
        f"member: mail={SITI},{slapd.people}\n\n"
        f"dn: cn=daftar,ou=lists,{slapd.suffix}\nobjectClass: nisMailAlias\ncn: daftar\nrfc822MailMember: {SITI}\n\n"
        f"dn: cn=semua,ou=lists,{slapd.suffix}\nobjectClass: inetOrgPerson\ncn: semua\nsn: semua\nmail: @{DOMAIN}\n"
    )
    slapd.change(ROUTED.format(a=SITI, p=slapd.people))
    every = ("alias", "catch-all", "forward", "group")
    try:
        assert directory.leads(SITI) == every
        suspended = directory.ensure(Wanted(mine, SITI, login=False))
        assert suspended.leftovers == (*every, "sessions"), "and no door says who is logged in"
        closed = directory.ensure(Wanted(mine, SITI, login=False, receives=False))
        assert closed.leftovers == ("alias", "catch-all", "group", "sessions")
        assert "siti@luar.example" not in slapd.read("(objectClass=*)")
    finally:
        for dn in set(_dns(slapd)) - before:
            slapd.change(f"dn: {dn}\nchangetype: delete\n")


def test_what_another_hand_gave_its_entry_is_neither_ours_nor_taken_away(slapd: Slapd) -> None:
    directory, mine, before = LdapDirectory(account(slapd)), uuid4(), set(_dns(slapd))
    directory.ensure(new(mine))
    slapd.change(ROUTED.format(a=SITI, p=slapd.people))
    try:
        assert directory.ensure(Wanted(mine, SITI, alias=AMINAH)).aliases == (AMINAH,)
        with pytest.raises(Conflict, match="in-directory"):
            directory.ensure(Wanted(mine, SITI, alias="ketua@x.id"))
        closed = directory.ensure(Wanted(mine, SITI, login=False, receives=False, unalias=(AMINAH, "ketua@x.id")))
        assert (closed.aliases, closed.leftovers) == ((), ("alias", "sessions")), "that one is its administrator's"
        assert "ketua@x.id" in slapd.read(f"(mail={SITI})")
        assert AMINAH not in slapd.read("(objectClass=*)")
    finally:
        for dn in set(_dns(slapd)) - before:
            slapd.change(f"dn: {dn}\nchangetype: delete\n")


def test_an_office_that_names_no_attribute_has_no_additional_addresses(slapd: Slapd) -> None:
    directory, mine, before = LdapDirectory(account(slapd, alias_attribute="")), uuid4(), set(_dns(slapd))
    directory.ensure(new(mine))
    try:
        assert not directory.keeps_aliases
        with pytest.raises(Refused, match="alias-not-kept"):
            directory.ensure(Wanted(mine, SITI, alias=AMINAH))
        assert directory.ensure(Wanted(mine, SITI, unalias=(AMINAH,))).aliases == ()
    finally:
        for dn in set(_dns(slapd)) - before:
            slapd.change(f"dn: {dn}\nchangetype: delete\n")


def test_a_server_that_is_killed_is_away_and_comes_back(tmp_path: Path) -> None:
    server = start_slapd(tmp_path / "own")
    try:
        directory, mine = LdapDirectory(account(server)), uuid4()
        directory.ensure(new(mine))
        server.kill()
        with pytest.raises(Away):
            directory.find(SITI)
        with pytest.raises(Away):
            directory.ensure(Wanted(mine, SITI, login=False))
        server.start()
        assert not directory.ensure(Wanted(mine, SITI, login=False)).login
    finally:
        server.kill()


@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"password": "salah"}, Away, "bind-refused"),
        ({"base": "ou=lain,dc=purbalinggakab,dc=go,dc=id"}, Refused, "no-such-object"),
        ({"bind_dn": "", "password": ""}, Refused, "base-missing"),
    ],
)
def test_a_server_that_will_not_says_why_in_a_word(
    slapd: Slapd, changes: dict[str, object], kind: type[DirectoryError], reason: str
) -> None:
    with pytest.raises(kind, match=reason):
        LdapDirectory(account(slapd, **changes)).ensure(new(uuid4()))
    assert SITI not in slapd.read("(objectClass=*)", "dn")


# ── passwd-file alone ────────────────────────────────────────────────────────────────────────────────────────────────


def test_lines_of_others_and_the_files_mode_stay(tmp_path: Path) -> None:
    users = tmp_path / "users"
    before = "# milik admin\n\nroot@x.id:{PLAIN}a:0:0::/root::userdb_mail=maildir:/x:y\nrusak\n"
    users.write_text(before)
    users.chmod(0o640)
    PasswdFile(users).ensure(new(uuid4()))
    assert users.read_text().startswith(before)
    assert users.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_gone_is_away(tmp_path: Path) -> None:
    with pytest.raises(Away):
        PasswdFile(tmp_path / "gone" / "users").ensure(new(uuid4()))
