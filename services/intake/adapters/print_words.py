"""What stands on paper in the place of a standard's slugs; what no table knows is written as it is, with blanks."""

from collections.abc import Mapping

CLASSES: Mapping[str, str] = {
    "walikota": "Wali Kota",
    "sekda": "Sekretaris Daerah",
    "asisten": "Asisten",
    "kepala-opd": "Kepala OPD",
    "lainnya": "",
}
ROUTES: Mapping[str, str] = {
    "aide": "melalui ajudan",
    "courier": "diantar caraka",
    "fax": "faksimile",
    "online": "aplikasi surat online",
}
PROOFS: Mapping[str, str] = {
    "receipt": "paraf tanda terima",
    "transmission-report": "laporan pengiriman faks",
    "reference-number": "nomor referensi aplikasi",
}


def word(table: Mapping[str, str], slug: str) -> str:
    return table.get(slug, slug.replace("-", " "))
