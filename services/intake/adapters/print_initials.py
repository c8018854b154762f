"""Initials as the sheets print them: who gave them, in which capacity and why so; one person for two tiers once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from contracts.base import ERASED
from contracts.intake import GivenInitial
from contracts.words import Tier
from services.intake.adapters import print_text
from services.intake.print_pack import InitialTier, PrintedInitial

ACTING: Mapping[str, str] = {"plt": "Plt. ", "plh": "Plh. "}
BECAUSE: Mapping[str, str] = {
    "plt": "Pelaksana tugas: jabatan ini sedang kosong.",
    "plh": "Pelaksana harian: pejabat jenjang ini berhalangan.",
    "substitute": "Pejabat jenjang ini mendaftarkan surat ini sendiri; paraf beralih kepada penggantinya.",
    "upward": "Pejabat jenjang ini mendaftarkan surat ini sendiri; paraf naik kepada atasannya.",
}
ERASED_WORDS = "(dihapus)"


def tiers_of(tiers: Sequence[Tier], given: Sequence[GivenInitial]) -> tuple[InitialTier, ...]:
    """The tiers of a letter with what has been said of them."""
    said = {each.tier: each for each in given}
    return tuple(
        InitialTier(title=tier.title)
        if (told := said.get(number)) is None
        else InitialTier(
            title=tier.title,
            returned=told.state == "returned",
            initial=PrintedInitial(
                name=ERASED_WORDS if told.name == ERASED else told.name,
                nip="" if told.nip == ERASED else told.nip,
                capacity=capacity(told, tier.title),
                because=BECAUSE.get(told.passed or told.capacity, ""),
                at=told.at,
                note=told.note,
            ),
        )
        for number, tier in enumerate(tiers)
    )


def capacity(told: GivenInitial, tier: str) -> str:
    """``Plh. Kepala Bidang …``; for a tier that went upward, his own office on behalf of (a.n.) the tier's."""
    acting = ACTING.get(told.capacity, "")
    title = told.title or tier
    own = title if title.startswith(acting) else acting + title
    return f"{own}, a.n. {tier}" if told.passed == "upward" else own


def groups(tiers: Sequence[InitialTier], moment: Callable[[datetime], str]) -> list[dict[str, Any]]:
    """Adjacent tiers that one person has initialled in one act, as one group; every other tier alone."""
    found: list[dict[str, Any]] = []
    before: InitialTier | None = None
    for number, tier in enumerate(tiers, 1):
        row = _row(number, tier)
        if before is not None and _same(before, tier):
            found[-1]["tiers"].append(row)
        else:
            found.append({"tiers": [row], "state": _state(tier), **_given(tier.initial, moment)})
        before = tier
    return found


def standing(tiers: Sequence[InitialTier], moment: Callable[[datetime], str]) -> str:
    """How far the round is, in one sentence."""
    waiting = next((tier for tier in tiers if tier.initial is None), None)
    back = next((tier for tier in tiers if tier.returned), None)
    if back is not None and back.initial is not None:
        said = f"Dikembalikan {print_text.line(back.initial.capacity, 160)} pada {moment(back.initial.at)}"
        if waiting is not None and tiers.index(waiting) < tiers.index(back):
            return f"{said}; menunggu paraf lagi dari {print_text.line(waiting.title, 120)}."
        return f"{said} kepada operator."
    if waiting is not None:
        return f"Menunggu paraf {print_text.line(waiting.title, 120)}."
    last = max((tier.initial.at for tier in tiers if tier.initial), default=None)
    return f"Semua paraf lengkap pada {moment(last)}." if last else ""


def _row(number: int, tier: InitialTier) -> dict[str, Any]:
    given = tier.initial
    return {
        "number": number,
        "title": print_text.line(tier.title, 120),
        "capacity": print_text.line(given.capacity, 260) if given else "",
        "because": print_text.line(given.because, 160) if given else "",
    }


def _given(given: PrintedInitial | None, moment: Callable[[datetime], str]) -> dict[str, str]:
    if given is None:
        return {"name": "", "nip": "", "at": "", "note": ""}
    return {
        "name": print_text.line(given.name, 80),
        "nip": print_text.line(given.nip, 30),
        "at": moment(given.at),
        "note": print_text.line(given.note, 400),
    }


def _state(tier: InitialTier) -> str:
    if tier.returned:
        return "returned"
    return "initialled" if tier.initial else "open"


def _same(one: InitialTier, other: InitialTier) -> bool:
    if one.initial is None or other.initial is None or one.returned or other.returned:
        return False
    return (one.initial.name, one.initial.nip, one.initial.at) == (
        other.initial.name,
        other.initial.nip,
        other.initial.at,
    )
