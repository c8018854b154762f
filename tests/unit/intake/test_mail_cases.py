"""Messages that were once read wrongly, each the smallest of its kind, with the value that is right."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.intake.adapters.mail_reading import read
from services.intake.mail import ParsedMessage, ParserOptions

CASES = Path(os.environ.get("CARAKA_TEST_MAIL_CASES", Path(__file__).parents[4] / "shared" / "mail-cases"))
EXPECTED: dict[str, dict[str, Any]] = (
    json.loads((CASES / "expected.json").read_text(encoding="utf-8")) if (CASES / "expected.json").is_file() else {}
)


@pytest.mark.skipif(not EXPECTED, reason="the folder of cases (../shared/mail-cases) is not here")
def test_all_cases_are_here() -> None:
    assert {file.stem for file in CASES.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_message_is_read_as_whoever_wrote_it_meant_it(name: str) -> None:
    message = read((CASES / f"{name}.eml").read_bytes(), ParserOptions())
    case = EXPECTED[name]
    assert is_right(message, case["check"], case["want"]), message


def is_right(message: ParsedMessage, check: str, want: Any) -> bool:  # noqa: C901, PLR0911, PLR0912 - one line per word of expected.json
    sender = message.sender[0] if message.sender else None
    names = [one.name for one in message.attachments]
    match check:
        case "text":
            return want in message.text
        case "text_start":
            return message.text.startswith(want)
        case "subject":
            return message.subject == want  # type: ignore[no-any-return]  # a word of the JSON
        case "from_name":
            return sender is not None and sender.name == want
        case "from_address":
            return sender is not None and sender.address == want
        case "from_address_not":
            return want not in [one.address for one in message.sender]
        case "sent_at":
            return message.sent_at is not None and f"{message.sent_at:%Y-%m-%dT%H:%M:%SZ}" == want
        case "att_name":
            return want in names
        case "att_size":
            return want in [one.size for one in message.attachments]
        case "att":
            return want in [[one.name, one.size] for one in message.attachments]
        case "nested":
            return all(word in message.text or any(word in name for name in names) for word in want)
        case "text_or_name":
            return all(word in message.text or any(word in name for name in names) for word in want)
        case "quarantine":
            return message.quarantine == want  # type: ignore[no-any-return]  # a word of the JSON
        case "quarantine_or_release":
            return message.quarantine in {None, "classified"}
        case "no_warning":
            return want not in message.warnings
    raise AssertionError(check)
