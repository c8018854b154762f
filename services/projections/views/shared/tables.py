"""The views that all kinds of case share. A comment names the service whose events alone write the columns below it."""

from services.kit.projections import TEXT, WHOLE, View

# every service: one row per event of a case, written once
HISTORY = View(
    "history",
    key={"agency": TEXT, "case_id": TEXT, "service": TEXT, "position": WHOLE},
    columns={
        "event_id": TEXT, "kind": TEXT, "at": WHOLE, "by_name": TEXT, "by_title": TEXT, "by_capacity": TEXT,
        "params": TEXT, "who": TEXT, "what": TEXT,
    },
    sealed=frozenset({"by_name", "who", "what"}),
)  # fmt: skip

# organisation
PEOPLE = View(
    "people",
    key={"agency": TEXT, "person_id": TEXT},
    columns={"name": TEXT, "roles": TEXT},
    sealed=frozenset({"name"}),
    part=1,
)
# the working time of a version of a standard that cases run under, as its rules have it
CALENDARS = View(
    "calendars",
    key={"agency": TEXT, "standard": TEXT},
    columns={"rules": TEXT},
)
# intake: a year's closed days that were adopted after those rules
CLOSED_YEARS = View("closed_years", key={"agency": TEXT, "year": WHOLE}, columns={"closed": TEXT})
# intake: the seasons with hours of their own that were adopted after those rules
SEASONS = View("seasons", key={"agency": TEXT}, columns={"seasons": TEXT})
OFFICES = View("offices", key={"agency": TEXT}, columns={"zone": TEXT}, part=1)

ALL = (HISTORY, PEOPLE, CALENDARS, CLOSED_YEARS, SEASONS, OFFICES)
