"""The calendars of the golden cases, written out as an office would write them."""

from typing import Any

MON_THU = ["mon", "tue", "wed", "thu"]
NATIONAL = [
    "2026-01-01", "2026-01-16", "2026-02-17", "2026-03-19", "2026-03-21", "2026-03-22", "2026-04-03", "2026-04-05",
    "2026-05-01", "2026-05-14", "2026-05-27", "2026-05-31", "2026-06-01", "2026-06-16", "2026-08-17", "2026-08-25",
    "2026-12-25",
]  # fmt: skip
JOINT_LEAVE = [
    "2026-02-16", "2026-03-18", "2026-03-20", "2026-03-23", "2026-03-24", "2026-05-15", "2026-05-28", "2026-12-24",
]  # fmt: skip
HOLIDAYS: list[Any] = [
    *NATIONAL,
    *({"on": day, "kind": "joint-leave", "reason": "Cuti bersama"} for day in JOINT_LEAVE),
]

PEKALONGAN: dict[str, Any] = {
    "zone": "Asia/Jakarta",
    "hours": [
        {"days": MON_THU, "open": "08:00", "close": "15:45", "breaks": [["12:00", "13:00"]]},
        {"days": ["fri"], "open": "08:00", "close": "11:00"},
    ],
    "holidays": HOLIDAYS,
}

DEFAULT: dict[str, Any] = {
    "zone": "Asia/Jakarta",
    "hours": [
        {"days": MON_THU, "open": "07:30", "close": "16:00", "breaks": [["12:00", "13:00"]]},
        {"days": ["fri"], "open": "07:30", "close": "16:30", "breaks": [["11:30", "13:00"]]},
    ],
    "holidays": HOLIDAYS,
}
