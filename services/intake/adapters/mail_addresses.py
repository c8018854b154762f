"""Whom a message names: mailboxes as people and their programs write them, never one address made of two."""

import re
from collections.abc import Iterator

from services.intake.adapters.mail_headers import words
from services.intake.adapters.mail_text import clean_line
from services.intake.mail import Address

_MOST_CHARS = 1_000
_TOKEN = re.compile(
    r'=\?[^?\s]{1,60}\?[bBqQ]\?[^?]{0,2000}\?=|"(?:\\.|[^"\\])*"|\\.|[(),:;<>]|[^"(),:;<>\\=]+|.', re.DOTALL
)
"""An encoded word is one token: what stands in it separates nothing."""


def addresses(values: list[str], limit: int, warnings: set[str]) -> tuple[list[Address], bool]:
    """At most `limit` addresses of the fields; True where there were more. Groups are opened, comments become names."""
    found: list[Address] = []
    for value in values:
        for one in _joined(value, warnings):
            if len(found) >= limit:
                return found, True
            found.append(one)
    return found, False


def _joined(value: str, warnings: set[str]) -> Iterator[Address]:
    """`Setda, Bagian Umum <umum@…>`: what has no address before a comma begins the name of the next that has one."""
    before = ""
    for name, inside, comment, comma in _mailboxes(value):
        one = _address(name, inside, comment, warnings)
        if one is None:
            continue
        if not one.address and comma:
            before = f"{before}, {one.name}" if before else one.name
            continue
        if before:
            one = Address(name=clean_line(f"{before}, {one.name}".rstrip(", "), 200, warnings), address=one.address)
            before = ""
        yield one
    if before:
        yield Address(name=before[:200], address="")


def _mailboxes(value: str) -> Iterator[tuple[str, str, str, bool]]:
    """What stands outside brackets, inside `<>`, and in comments, one mailbox at a time; never-closed ones too.

    With whether a comma ends it.
    """
    held = {"name": "", "inside": "", "comment": ""}
    depth, place = 0, "name"
    for token in _TOKEN.finditer(value):
        text = token.group()
        if text == "(" or (text == ")" and depth):
            depth += 1 if text == "(" else -1
        elif depth:
            held["comment"] = (held["comment"] + text)[:_MOST_CHARS]
        elif text == "<":
            if held["inside"].strip():  # the comma before another one was forgotten
                yield held["name"], held["inside"], held["comment"], False
                held = {**_nothing(), "name": held.get("after", "")}
            place = "inside"
        elif text == ">":
            place = "after" if held["inside"].strip() else "name"
            held.setdefault("after", "")
        elif text in {",", ";"} and place != "inside":
            yield *_told(held), text == ","
            held, place = _nothing(), "name"
        elif text == ":" and place == "name" and ";" in value[token.end() :]:
            held["name"] = ""  # it was a group's
        elif not (text == ":" and place == "after"):
            held[place] = (held[place] + text)[:_MOST_CHARS]
    yield *_told(held), False


def _nothing() -> dict[str, str]:
    return {"name": "", "inside": "", "comment": ""}


def _told(held: dict[str, str]) -> tuple[str, str, str]:
    after = held.get("after", "").strip()
    return held["name"] or after, held["inside"], held["comment"]


def _address(name: str, inside: str, comment: str, warnings: set[str]) -> Address | None:
    address = inside
    if not inside.strip():
        bare = name.split()
        address = next((word for word in bare if "@" in word and not word.startswith("=?")), "")
        name = " ".join(word for word in bare if word != address) or comment
    address = clean_line(address.rpartition(":")[2] if address.startswith("@") else address, 320, warnings)
    name = re.sub(r"\\(.)", r"\1", _unquoted(name.strip()))
    name = clean_line(words(name, warnings), 200, warnings).strip("\ufffd ")
    return Address(name=name, address=address.replace(" ", "")) if name or address else None


def _unquoted(name: str) -> str:
    whole = re.fullmatch(r'"((?:\\.|[^"\\])*)"', name)
    return whole.group(1) if whole else name.strip('"')
