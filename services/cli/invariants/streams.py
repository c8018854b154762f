"""I2: versions of every stream are 1..n by position; every event decodes, upcasts, and agrees with its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from services.cli.invariants.ground import Breaches, Finding, Seen, Source
from services.kit.codec.envelope import Undecodable
from services.kit.ids import stream_id

ODD_VERSIONS = """
SELECT originator_id, originator_version, place, earlier, earlier_place FROM (
  SELECT originator_id, originator_version, {position} AS place,
         LAG(originator_version) OVER versions AS earlier, LAG({position}) OVER versions AS earlier_place
  FROM stored_events WINDOW versions AS (PARTITION BY originator_id ORDER BY originator_version)
) AS steps
WHERE originator_version <> COALESCE(earlier, 0) + 1 OR place <= COALESCE(earlier_place, 0)
ORDER BY place LIMIT 20
"""


class StreamVersions:
    def __init__(self) -> None:
        self._breaches = Breaches()
        self._events = self._agencies = 0
        self._last = 0

    def part(self, source: Source, seen: Sequence[Seen]) -> None:
        for each in seen:
            if each.row.previous != self._last or each.row.position <= self._last:
                what = f"posisi {each.row.position} mengikuti {each.row.previous}, bukan {self._last}"
                self._breaches.add(each.where(source), what)
            self._last = each.row.position
            what = _fault(source.service, each)
            if what:
                self._breaches.add(each.where(source), what)
        self._events += len(seen)

    def end(self, source: Source) -> None:
        self._last = 0
        with source.engine.connect() as connection:
            odd = connection.execute(text(ODD_VERSIONS.format(position=source.position_column))).all()
        for row in odd:
            where = f"{source.service}, posisi {row.place}, aliran {_plain(row.originator_id)}"
            before = f"versi {row.earlier} (posisi {row.earlier_place})" if row.earlier else "tanpa pendahulu"
            self._breaches.add(where, f"versi {row.originator_version} mengikuti {before}")

    def finding(self) -> Finding:
        return self._breaches.finding(
            "I2", "setiap aliran lengkap dan setiap peristiwa terbaca", {"events": self._events}
        )


def _fault(service: str, each: Seen) -> str:
    """What is wrong with one row; empty: nothing."""
    row, raw = each.row, each.said
    try:
        recorded = each.recorded()
    except Undecodable as error:
        return f"peristiwanya tidak terbaca: {error}"
    told: dict[str, Any] = {
        "version": (row.version, raw.get("streamversion")),
        "kind": (row.kind, raw.get("type")),
        "stream": (_plain(row.originator_id), str(stream_id(recorded.agency, service, recorded.stream))),
        "service": (service, recorded.service),
        "source": (f"/caraka/{recorded.agency}/{service}", raw.get("source")),
    }
    differing = [name for name, (column, envelope) in told.items() if column != envelope]
    return f"baris dan peristiwa berbeda tentang {', '.join(differing)}" if differing else ""


def _plain(identity: object) -> str:
    """A UUID in canonical form, however the database gives it."""
    plain = str(identity).replace("-", "")
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
