"""Moments and spans in words, in the agency's zone; deadlines counted in working time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date

from contracts.projections import CaseRow
from gateway.edge.i18n import mark as _
from gateway.edge.i18n import translate
from services.kit.worktime import Calendar, elapsed_minutes, remaining_minutes

HOUR = 60
SOON_MINUTES = 3 * HOUR
DAYS_FROM = 10 * HOUR
FINISHED = frozenset({"proven", "archived"})
GONE = frozenset({"cancelled", "withdrawn", "referred", "set-aside"})
ABBREVIATIONS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


@dataclass(frozen=True, slots=True)
class Due:
    """As it is shown. ``state``: overdue, soon, ahead, paused, met, missed; ``text`` says it without colour, ``short``
    where a heading or a clock beside it says already what it is.
    """

    state: str
    text: str
    short: str
    full: str
    icon: str


@dataclass(frozen=True)
class Moments:
    """Everything about time that one page needs: one now, one zone, one language."""

    now: datetime
    zone: str
    language: str
    calendar: Calendar | None = None

    def _t(self, text: str, **values: object) -> str:
        return translate(text, self.language).format(**values)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def abbreviation(self) -> str:
        return ABBREVIATIONS.get(self.zone, self.zone)

    def clock(self, moment: datetime) -> str:
        return self.local(moment).strftime("%H.%M" if self.language == "id" else "%H:%M")

    def day(self, moment: datetime) -> str:
        """Today, tomorrow, yesterday, or the day's name; the year only where it is another."""
        on, today = self.local(moment).date(), self.local(self.now).date()
        match (on - today).days:
            case 0:
                return self._t(_("hari ini"))
            case 1:
                return self._t(_("besok"))
            case -1:
                return self._t(_("kemarin"))
        pattern = "EEE d MMM" if on.year == today.year else "d MMM y"
        return format_date(on, pattern, locale=self.language)

    def moment(self, moment: datetime) -> str:
        return f"{self.day(moment)} {self.clock(moment)}"

    def full(self, moment: datetime) -> str:
        return f"{self.on(moment)}, {self.clock(moment)} {self.abbreviation()}"

    def iso(self, moment: datetime) -> str:
        return self.local(moment).isoformat(timespec="seconds")

    def civil(self, text: str, *, short: bool = False) -> str:
        """An ISO date (`letter_on`) in words; anything else as it stands."""
        try:
            return format_date(date.fromisoformat(text), "d MMM y" if short else "d MMMM y", locale=self.language)
        except ValueError:
            return text

    def on(self, moment: datetime) -> str:
        """The day as `full` writes it, without an hour: of who is anonymous."""
        return format_date(self.local(moment).date(), "EEEE, d MMMM y", locale=self.language)

    def dated(self, moment: datetime) -> str:
        """The civil day with its weekday, short: "Jum, 13 Mar 2026"."""
        return format_date(self.local(moment).date(), "EEE, d MMM y", locale=self.language)

    def told(self, text: str, **values: object) -> str:
        """A marked text in the reader's language, its places filled."""
        return self._t(text, **values)

    def today(self) -> str:
        return self.on(self.now)

    def field(self, moment: datetime) -> str:
        """For a ``datetime-local`` input."""
        return self.local(moment).strftime("%Y-%m-%dT%H:%M")

    def span(self, minutes: int) -> str:
        hours, rest = divmod(max(minutes, 0), HOUR)
        if not hours:
            return self._t(_("{n} menit"), n=rest)
        if not rest or hours >= 10:  # noqa: PLR2004 - minutes mean nothing beside ten hours
            return self._t(_("{n} jam"), n=hours)
        return self._t(_("{n} jam {m} menit"), n=hours, m=rest)

    def ago(self, moment: datetime) -> str:
        seconds = max((self.now - moment).total_seconds(), 0)
        if seconds < 60:  # noqa: PLR2004 - a minute
            return self._t(_("{n} detik lalu"), n=int(seconds))
        if seconds < 3600 * 24:
            return self._t(_("{span} lalu"), span=self.span(int(seconds // 60)))
        return self.moment(moment)

    def worked(self, since: datetime, until: datetime) -> str:
        """Working time between two moments; empty where there was none, or the agency has no calendar."""
        if self.calendar is None:
            return ""
        minutes = elapsed_minutes(self.calendar, since, until)
        return self.working(minutes, since, until) if minutes else ""

    def due(self, row: CaseRow) -> Due | None:
        """How the deadline stands; None before registration and for what was cancelled."""
        if row.due_at is None or row.stage in GONE:
            return None
        at = row.due_at
        full = self._t(_("Jatuh tempo {when}"), when=self.full(at))
        if row.completed_at is not None or row.stage in FINISHED:
            if row.completed_at is not None and row.completed_at > at:
                late = self._t(_("Selesai terlambat"))
                return Due("missed", late, late, full, "alert")
            met = self._t(_("Selesai tepat waktu"))
            return Due("met", met, met, full, "check")
        if row.paused_at is not None:
            since = self.day(row.paused_at) if row.dated else self.moment(row.paused_at)
            text = self._t(_("Perhitungan dihentikan sejak {when}"), when=since)
            return Due("paused", text, self._t(_("Dihentikan sejak {when}"), when=since), full, "clock")
        left = self._left(at)
        span = self.working(abs(left), *sorted((self.now, at)))
        if self.now >= at:
            since = self._t(_("Terlambat sejak {when}"), when=self.moment(at))
            text = self._t(_("Terlambat {span}"), span=span) if left < 0 else since
            return Due("overdue", text, text, full, "alert")
        short = self._t(_("{when}, sisa {span}"), when=self.moment(at), span=span)
        text = self._t(_("Jatuh tempo {when}"), when=short)
        return Due("soon" if left <= SOON_MINUTES else "ahead", text, short, full, "clock")

    def _left(self, at: datetime) -> int:
        if self.calendar is not None:
            return remaining_minutes(self.calendar, self.now, at)
        return int((at - self.now).total_seconds() // 60)

    def working(self, minutes: int, since: datetime, until: datetime) -> str:
        """So much working time between two moments: hours and minutes, or days where it is many."""
        if minutes < DAYS_FROM or self.calendar is None:
            return self._t(_("{span} kerja"), span=self.span(minutes))
        first, last = self.local(since).date(), self.local(until).date()
        span = range(1, (last - first).days + 1)
        days = sum(1 for n in span if self.calendar.windows(first + timedelta(days=n)))
        return self._t(_("{n} hari kerja"), n=max(days, 1))
