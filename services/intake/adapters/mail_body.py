"""Which of a message's texts are shown, and in which order: of alternatives the fullest, all else as it comes."""

from dataclasses import dataclass, field

_MOSTLY = 0.5
"""A plain text that has less of the words than the HTML beside it stands for it no more ("lihat versi HTML")."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text; `choice`: the alternatives that it belongs to, and which of them it is."""

    text: str
    html: bool = False
    choice: tuple[int, int] | None = None


@dataclass(slots=True)
class Body:
    """The texts of one letter."""

    pieces: list[Piece] = field(default_factory=list)

    def shown(self) -> tuple[str, bool]:
        """The text, and whether some of it was made from HTML."""
        chosen: list[Piece] = []
        done: set[int] = set()
        for piece in self.pieces:
            if piece.choice is None:
                chosen.append(piece)
            elif piece.choice[0] not in done:
                done.add(piece.choice[0])
                chosen += _fullest([one for one in self.pieces if one.choice and one.choice[0] == piece.choice[0]])
        kept = _once([piece for piece in chosen if piece.text])
        return "\n\n".join(piece.text for piece in kept), any(piece.html for piece in kept)


def _fullest(pieces: list[Piece]) -> list[Piece]:
    plain = [piece for piece in pieces if not piece.html]
    html = [piece for piece in pieces if piece.html]
    told, fuller = (sum(_weight(piece.text) for piece in each) for each in (plain, html))
    return plain if told and told >= _MOSTLY * fuller else html or plain


def _weight(text: str) -> int:
    return sum(len(word) for word in text.split() if not word.startswith(("<http", "http")))


def _once(pieces: list[Piece]) -> list[Piece]:
    """What stands beside its own HTML is shown once."""
    seen = [" ".join(piece.text.split()) for piece in pieces if not piece.html]
    return [piece for piece in pieces if not (piece.html and any(" ".join(piece.text.split()) in one for one in seen))]
