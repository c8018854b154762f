"""What a broker says to a client, cut into frames: deliveries are given twice, in another order, or not at all."""

import random
import re
from dataclasses import dataclass, field

DELIVERY = re.compile(rb"(H?MSG) .*? (\d+)$")
PLACED = b"Caraka-Position:"


@dataclass
class Disorder:
    """What happens to deliveries from now on. Figures count what was done."""

    dice: random.Random
    twice: bool = False
    """Every delivery comes twice: commands, answers, facts."""
    shuffled: bool = False
    """Facts that arrive together change places."""
    drop: int = 0
    """So many facts more are lost on the way."""
    doubled: int = 0
    moved: int = 0
    lost: int = 0
    _: int = field(default=0, repr=False)

    def calm(self) -> None:
        self.twice = self.shuffled = False
        self.drop = 0

    def apply(self, frames: list[bytes]) -> list[bytes]:
        """The frames of one piece, as the client will see them."""
        if self.shuffled:
            frames = self._shuffle(frames)
        given: list[bytes] = []
        for frame in frames:
            if self.drop and PLACED in frame[:600]:
                self.drop -= 1
                self.lost += 1
                continue
            given.append(frame)
            if self.twice and DELIVERY.match(frame.partition(b"\r\n")[0]):
                given.append(frame)
                self.doubled += 1
        return given

    def _shuffle(self, frames: list[bytes]) -> list[bytes]:
        places = [number for number, frame in enumerate(frames) if PLACED in frame[:600]]
        moved = self.dice.sample(places, len(places))
        given = list(frames)
        for place, source in zip(places, moved, strict=True):
            given[place] = frames[source]
        self.moved += sum(place != source for place, source in zip(places, moved, strict=True))
        return given


class Frames:
    """One connection's bytes from the broker; `__call__` takes a piece and gives what is passed on of it."""

    def __init__(self, disorder: Disorder) -> None:
        self._disorder = disorder
        self._rest = b""

    def __call__(self, piece: bytes) -> bytes:
        """Whole frames only; a frame that has not arrived wholly waits for its end."""
        self._rest += piece
        frames: list[bytes] = []
        while (line := self._rest.partition(b"\r\n"))[1]:
            found = DELIVERY.match(line[0])
            length = len(line[0]) + 2 + (int(found[2]) + 2 if found else 0)
            if len(self._rest) < length:
                break
            frames.append(self._rest[:length])
            self._rest = self._rest[length:]
        return b"".join(self._disorder.apply(frames))
