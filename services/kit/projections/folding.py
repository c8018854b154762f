"""Letters as they are looked for: small and without accents, the same in Python, SQLite and PostgreSQL."""

from unicodedata import combining, normalize

ACCENTED = "".join(
    each
    for each in map(chr, range(0xC0, 0x250))
    if normalize("NFD", each)[0].isascii() and len(normalize("NFD", each)) > 1
)  # capitals too: PostgreSQL makes small only what its locale knows
PLAIN = "".join(normalize("NFD", each)[0].lower() for each in ACCENTED)
_TO_PLAIN = str.maketrans(ACCENTED, PLAIN)


def folded(text: str) -> str:
    """Small letters without accents; combining ones go too."""
    return "".join(each for each in normalize("NFC", text).lower().translate(_TO_PLAIN) if not combining(each))
