"""A made-up office that writes event logs in memory: the real envelope, real seals, invented letters."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid5

from contracts import approval, dispatch, intake
from contracts.base import Actor, Ask, Event, Officer, Sealed
from contracts.words import BlobRef, Copy, RecipientEntry, SealedFields, StandardRef, Tier
from services.kit.codec.envelope import encode
from services.kit.codec.position import Checkpoint, Delivery
from services.kit.ids import event_id
from services.kit.sealing.fields import places
from services.kit.sealing.keys import Keys, open_keys
from services.kit.sealing.sealer import Sealer
from services.kit.settings import Settings
from services.kit.store.identity import StoreId
from services.kit.store.recent import LogRow

SPACE = UUID("5f0e7c86-0000-4000-8000-000000000000")
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
AGENCY = "pekalongan"
TIERS = (Tier(position="kasi", title="Kasi Persandian"), Tier(position="kabid", title="Kabid Aplikasi"))
SOURCES = ("organisation", "intake", "approval", "dispatch", "account_provisioning", "complaint", "notifications")
BLOB = BlobRef(sha256="a" * 64, size=1200, media_type="application/pdf")


@dataclass
class MemoryLog:
    """A log as `services.kit.store` has it: positions rise, with gaps."""

    store_id: StoreId
    rows: list[Delivery] = field(default_factory=list)

    def beyond(self, after: int) -> list[Delivery]:
        return [row for row in self.rows if row.checkpoint.position > after]

    def at_hand(self, _after: int, _limit: int, /) -> list[LogRow]:
        return []

    def read(self, after: int, limit: int) -> list[LogRow]:
        return [
            LogRow(
                item.checkpoint.position,
                item.previous,
                "",
                1,
                json.loads(item.data)["type"] if item.data[:1] == b"{" else "x",
                item.data,
            )
            for item in self.beyond(after)[:limit]
        ]

    def count(self, until: int) -> int:
        return sum(row.checkpoint.position <= until for row in self.rows)

    def head(self) -> int:
        return self.rows[-1].checkpoint.position if self.rows else 0


class Office:
    """`tell` writes a fact; `letter` and the verbs below it write the facts of a case."""

    def __init__(self, keys: Keys, agency: str = AGENCY) -> None:
        self.keys = keys
        self.agency = agency
        self.now = MORNING
        self.logs = {source: MemoryLog(StoreId(f"{number:012x}", 1)) for number, source in enumerate(SOURCES, 1)}
        self._versions: dict[tuple[str, str], int] = {}
        self._facts = 0

    def tell(self, stream: str, *events: Event) -> None:
        for event in events:
            self._facts += 1
            self.now += timedelta(minutes=1)
            source = event.service()
            version = self._versions[source, stream] = self._versions.get((source, stream), 0) + 1
            ask = Ask(
                command_id=uuid5(SPACE, f"{self.agency}/{self._facts}"),
                agency=self.agency,
                kind="x",
                actor=Actor(id="operator"),
                asked_at=self.now,
                correlation_id=SPACE,
                body={},
            )
            subjects = [(self.agency, sealed.seal_class, sealed.subject_id) for _, sealed in places(event)]
            data = encode(
                event, event_id(ask.command_id, 0), ask=ask, stream=stream, version=version, at=self.now,
                fingerprint="", close=Sealer(self.keys, partial(list, subjects)).of(self.agency),
            )  # fmt: skip
            self.raw(source, data)

    def raw(self, source: str, data: bytes) -> None:
        log = self.logs[source]
        step = 1 + self._facts % 3
        log.rows.append(
            Delivery(Checkpoint(log.store_id.store, log.store_id.epoch, log.head() + step), log.head(), "", data)
        )

    # a letter's life

    def letter(self, number: int) -> "Letter":
        return Letter(self, uuid5(SPACE, f"{self.agency}/letter/{number}"), number)


def officer(person: str, position: str | None = None) -> Officer:
    return Officer(
        person_id=person,
        name=Sealed.of(f"Bapak {person}"),
        nip=Sealed.of("19700101"),
        position=position,
        title=position.title() if position else "",
    )


OPERATOR = officer("operator")


@dataclass
class Letter:
    """One case; every method is what one service records."""

    office: Office
    id: UUID
    number: int
    revision: int = 0

    @property
    def sender(self) -> str:
        return f"applicant-{self.number % 7}"

    @property
    def copies(self) -> tuple[Copy, ...]:
        kinds = (
            ("walikota", "aide", "receipt"),
            ("kepala-opd", "courier", "receipt"),
            ("lainnya", "fax", "transmission-report"),
        )
        return tuple(
            Copy(
                copy_id=uuid5(self.id, f"copy/{recipient}"),
                recipient_class=recipient,
                office=f"Kantor {recipient}",
                copy_kind="asli",
                route=route,
                routes=(route,),
                proof=proof,
            )
            for recipient, route, proof in kinds[: 1 + self.number % 3]
        )

    def _fields(self, subject: str) -> SealedFields:
        return SealedFields(
            sender=Sealed.of(f"Dinas {self.number}"),
            letter_number=Sealed.of(f"005/{self.number}"),
            letter_on="2026-02-27",
            subject=Sealed.of(subject),
            summary=Sealed.of("ringkas"),
            urgency="biasa",
            classification="005",
            recipients=(RecipientEntry(recipient_class="walikota", office="Kantor walikota"),),
        )

    def _tell(self, *events: Event) -> "Letter":
        for event in events:
            room = {"intake": "letter", "approval": "round", "dispatch": "dispatch"}[event.service()]
            self.office.tell(f"{room}:{self.id}", event)
        return self

    def _arrival(self) -> dict[str, object]:
        return {
            "letter_id": self.id,
            "source": intake.MessageSource(channel="maildir", mailbox="inbox", uid=str(self.number)),
            "received_at": self.office.now,
            "content_sha256": "b" * 64,
            "size": 4000,
            "blob": BLOB,
        }

    def _read(self) -> dict[str, object]:
        return {
            "from_name": Sealed.of(f"Pengirim {self.number}", "applicant", self.sender),
            "from_address": Sealed.of(f"p{self.number}@example.id", "applicant", self.sender),
            "sender_subject": self.sender,
            "subject": Sealed.of(f"Undangan {self.number}"),
            "text": Sealed.of("Dengan hormat"),
        }

    def captured(self, text: str = "Dengan hormat") -> "Letter":
        read = {**self._read(), "text": Sealed.of(text), "warnings": ("spf-fail",)}
        return self._tell(intake.MessageCaptured.model_validate({**self._arrival(), **read}))

    def twin(self, of: UUID) -> "Letter":
        return self._tell(
            intake.TwinLinked.model_validate({**self._arrival(), **self._read(), "twin_of": of, "likeness": "content"})
        )

    def quarantined(self) -> "Letter":
        return self._tell(intake.MessageQuarantined.model_validate({**self._arrival(), "reason": "oversize"}))

    def examined(self, subject: str = "", urgency: str = "biasa") -> "Letter":
        fields = self._fields(subject or f"Undangan rapat {self.number}").model_copy(update={"urgency": urgency})
        return self._tell(intake.MessageExamined(letter_id=self.id, fields=fields, by=OPERATOR))

    def registered(self, urgency: str = "biasa") -> "Letter":
        now = self.office.now
        taken = intake.AgendaNumberTaken(book="masuk", year=2026, number=self.number, letter_id=self.id)
        self.office.tell("book:masuk:2026", taken)
        return self._tell(
            intake.LetterRegistered(
                letter_id=self.id,
                book="masuk",
                year=2026,
                number=self.number,
                agenda=f"{self.number:04d}/2026",
                standard=StandardRef(standard="naskah", version=1, decree="060/040/III/2022"),
                received_at=now,
                due_at=now + timedelta(hours=8, minutes=self.number % 50),
                calendar="default",
                copies=self.copies,
                tiers=TIERS,
                urgency=urgency,
                by=OPERATOR,
            )
        )

    def printed(self, number: int = 1, reason: str = "") -> "Letter":
        pack = intake.PrintPackProduced(
            letter_id=self.id, blob=BLOB, pages=4, print_number=number, reason=reason, by=OPERATOR
        )
        return self._tell(pack)

    def forwarded(self) -> "Letter":
        self.revision += 1
        due = self.office.now + timedelta(hours=8)
        shared = {
            "letter_id": self.id,
            "revision": self.revision,
            "agenda": f"{self.number:04d}/2026",
            "urgency": "biasa",
        }
        return self._tell(
            intake.LetterForwarded.model_validate(
                {
                    **shared,
                    "due_at": due,
                    "tiers": TIERS,
                    "copies": self.copies,
                    "registrar": OPERATOR,
                    "assigner": "kasi",
                    "by": OPERATOR,
                }
            ),
            approval.RoundOpened.model_validate(
                {
                    **shared,
                    "round_id": uuid5(self.id, f"r{self.revision}"),
                    "due_at": due,
                    "tiers": TIERS,
                    "registrar_id": "operator",
                }
            ),
            dispatch.DispatchPlanned.model_validate(
                {**shared, "due_at": due, "copies": self.copies, "assigner": "kasi"}
            ),
        )

    def _round(self) -> dict[str, object]:
        return {"letter_id": self.id, "round_id": uuid5(self.id, f"r{self.revision}"), "revision": self.revision}

    def initialled(self, tier: int) -> "Letter":
        after = TIERS[tier + 1].position if tier + 1 < len(TIERS) else None
        by = officer(f"pak-{TIERS[tier].position}", TIERS[tier].position)
        return self._tell(
            approval.TierInitialled.model_validate({**self._round(), "tier": tier, "next_position": after, "by": by})
        )

    def stepped_back(self) -> "Letter":
        by = officer("pak-kabid", "kabid")
        return self._tell(
            approval.TierReturned.model_validate(
                {**self._round(), "tier": 1, "note": "periksa lagi", "next_position": "kasi", "by": by}
            )
        )

    def approved(self) -> "Letter":
        self.initialled(0).initialled(1)
        return self._tell(
            approval.ApprovalCompleted.model_validate(self._round()),
            dispatch.DispatchReleased(letter_id=self.id, revision=self.revision),
        )

    def returned(self) -> "Letter":
        by = officer("pak-kasi", "kasi")
        return self._tell(
            approval.ApprovalReturned.model_validate({**self._round(), "tier": 0, "note": "perihal keliru", "by": by})
        )

    def revised(self, subject: str = "Perihal yang benar") -> "Letter":
        revised = intake.LetterRevised(
            letter_id=self.id, revision=self.revision + 1, fields=self._fields(subject), copies=self.copies, by=OPERATOR
        )
        return self._tell(revised)

    def assigned(self, courier: str = "caraka-1") -> "Letter":
        mine = tuple(copy.copy_id for copy in self.copies if copy.route != "fax")
        return self._tell(
            dispatch.CourierAssigned(
                letter_id=self.id,
                courier_id=courier,
                courier_name=Sealed.of(f"Caraka {courier}"),
                copy_ids=mine,
                by=officer("pak-kasi", "kasi"),
            )
        )

    def failed(self, which: int = 0) -> "Letter":
        now = self.office.now
        return self._tell(
            dispatch.DeliveryFailed(
                letter_id=self.id,
                copy_id=self.copies[which].copy_id,
                reason="tutup",
                happened_at=now,
                recorded_at=now,
                by=officer("caraka-1"),
            )
        )

    def delivered(self, which: int) -> "Letter":
        copy, now = self.copies[which], self.office.now
        if copy.route == "fax":
            return self._tell(
                dispatch.CopyTransmitted(
                    letter_id=self.id,
                    copy_id=copy.copy_id,
                    route="fax",
                    reference="OK 12",
                    happened_at=now,
                    by=OPERATOR,
                )
            )
        return self._tell(
            dispatch.CopyDelivered(
                letter_id=self.id,
                copy_id=copy.copy_id,
                receiver_position="staf",
                happened_at=now,
                recorded_at=now,
                receiver_name=Sealed.of(f"Penerima {self.number}"),
                by=officer("caraka-1"),
            )
        )

    def proven(self) -> "Letter":
        for which in range(len(self.copies)):
            self.delivered(which)
        done = dispatch.DispatchProven(letter_id=self.id, revision=self.revision, completed_at=self.office.now)
        return self._tell(done)

    def archived(self) -> "Letter":
        return self._tell(
            dispatch.LetterArchived(letter_id=self.id, classification="005", place="Lemari 2", by=OPERATOR)
        )

    def cancelled(self) -> "Letter":
        agenda = f"{self.number:04d}/2026"
        self._tell(intake.LetterCancelled(letter_id=self.id, reason="salah alamat", agenda=agenda, by=OPERATOR))
        return self._tell(
            approval.RoundClosed.model_validate({**self._round(), "reason": "batal"}),
            dispatch.DispatchClosed(letter_id=self.id, reason="batal"),
        )


def made_keys(home: Path) -> Keys:
    """A real key store in a folder of the test's own."""
    keys = open_keys(Settings(data_dir=home))
    keys.migrate()
    return keys
