"""What has come of a backup or a restore, in the office's words; and the same for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.cli.backup.making import Made
from services.cli.backup.restoring import Restored
from services.cli.clock import at_the_office, by_the_clock
from services.kit.settings import Settings

MEGA = 1_000_000


def made(found: Made) -> str:
    manifest = found.manifest
    events = sum(head.events for head in manifest.heads.values())
    size = sum(part.size for part in manifest.parts)
    files = manifest.blob_bytes / MEGA
    lines = [
        f"Cadangan {manifest.name} selesai dalam {manifest.seconds:.1f} detik.",
        f"Isinya {events} peristiwa ({size / MEGA:.1f} MB), {manifest.blobs} berkas ({files:.1f} MB).",
        f"Arsip di {found.places[0]}; kuncinya di {found.places[1]} (taruh di mesin atau tempat lain).",
    ]
    if found.made_identity is not None:
        lines.append(
            f"Kunci pribadi cadangan dibuat di {found.made_identity}. Simpan salinannya di tempat yang aman: "
            "tanpa itu cadangan tidak dapat dibuka."
        )
    if found.dropped:
        lines.append(f"{found.dropped} cadangan lama dihapus.")
    return "\n".join(lines)


def made_as_json(found: Made) -> str:
    told = {
        "ok": True, "archive": found.manifest.name, "place": found.places[0], "keys_place": found.places[1],
        "manifest": found.manifest.model_dump(mode="json"), "dropped": found.dropped,
        "made_identity": str(found.made_identity or ""),
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False)


def restored(found: Restored, settings: Settings) -> str:
    manifest = found.manifest
    lost = found.at - manifest.cut_at
    hours = lost.total_seconds() / 3600
    lines = [
        f"Dipulihkan dari cadangan {manifest.name}; {_verdict(found, settings)}.",
        f"Yang terjadi sesudah {at_the_office(manifest.cut_at, settings)} ({hours:.1f} jam) tidak ada di sini.",
    ]
    for book in found.books:
        line = f"Buku {book.book} {book.year} ({book.agency}): nomor terakhir {book.last}."
        if book.until > book.last:
            line += f" Nomor {book.last + 1}-{book.until} disisihkan"
            line += " (perkiraan)" if book.guessed else ""
            line += f"; berikutnya {book.until + 1}."
        lines.append(line)
    if any(book.guessed for book in found.books):
        lines.append(
            "Bila di kertas ada nomor yang lebih besar: `caraka book reserve --agency … --book … --until N`, sebelum "
            "mendaftarkan surat."
        )
    if found.delivered:
        lines.append(
            f"Pengantaran terakhir yang tercatat: {found.delivered[0]}. Yang sesudah itu dicatat lagi dari kertasnya."
        )
    if found.jobs:
        lines.append(
            f"{found.jobs} tugas keluar (surel, akun) mungkin sudah dikerjakan: menunggu orang, `caraka jobs list`."
        )
    lines.append("Semua antrean keluar dijeda. Setelah diperiksa: `caraka jobs resume ANTREAN`.")
    if found.erased:
        lines.append(f"{found.erased} orang yang dihapus sesudah cadangan ini dihapus lagi.")
    lines.append("Kata sandi, token dan hak yang diubah sesudah cadangan kembali seperti dahulu: periksa yang dicabut.")
    lines.append(f"Semua orang masuk lagi. Nyalakan: CARAKA_DATA_DIR={settings.data_dir} caraka up")
    return "\n".join(lines)


def _verdict(found: Restored, settings: Settings) -> str:
    broken = [f"{each.invariant} {each.where}: {each.sentence}" for each in found.findings if not each.ok]
    return "semua pemeriksaan utuh" if not broken else f"TIDAK utuh: {by_the_clock('; '.join(broken), settings)}"


def restored_as_json(found: Restored) -> str:
    return json.dumps(facts_of(found), ensure_ascii=False, default=str)


def facts_of(found: Restored) -> dict[str, Any]:
    manifest = found.manifest
    return {
        "ok": found.whole, "archive": manifest.name, "cut_at": manifest.cut_at.isoformat(), "at": found.at.isoformat(),
        "heads": {service: head.model_dump() for service, head in manifest.heads.items()},
        "books": [
            {name: getattr(each, name) for name in ("agency", "book", "year", "last", "until", "guessed")}
            for each in found.books
        ],
        "delivered": list(found.delivered), "jobs": found.jobs, "erased": found.erased, "seconds": dict(found.seconds),
        "findings": [
            {"invariant": each.invariant, "outcome": each.outcome, "sentence": each.sentence} for each in found.findings
        ],
    }  # fmt: skip


def checked(report: Mapping[str, Any]) -> str:
    seconds = ", ".join(f"{name} {value:.1f}" for name, value in report.get("seconds", {}).items())
    if report["ok"]:
        return (
            f"Cadangan {report['archive']} terbukti dapat dipulihkan: semua pemeriksaan utuh "
            f"({report['events']} peristiwa, {report['rate']:.0f}/detik; detik: {seconds}). Laporan: {report['report']}"
        )
    return f"Cadangan {report['archive']} TIDAK dapat dipulihkan: {report['sentence']} Laporan: {report['report']}"
