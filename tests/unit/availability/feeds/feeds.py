"""Feeds made from the RFCs and from what providers document, each with the times that it takes.

A feed is read for an organizer in Copenhagen over the year 2026. Times are in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MASTER = (
    "DTSTART;TZID=Europe/Copenhagen:20260105T090000\nDTEND;TZID=Europe/Copenhagen:20260105T100000"
)
OWNER = "anna@example.com"
# Outlook's own definition of Central European time, under a name that IANA does not know.
OUTLOOK_ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, and what it takes: `2026-01-05T08:00/09:00`, with the kind if it is not busy."""

    name: str
    entries: str
    busy: Sequence[str] = ()
    skipped: Sequence[str] = ()
    head: str = ""
    # Whether ical.js, which knows no Windows zones and no owners, reads the same times.
    same_in_ical_js: bool = True

    @property
    def text(self) -> str:
        """Return the feed as it is sent."""
        body = f"{self.head}\n{self.entries}" if self.head else self.entries
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *body.split("\n")]
        return "\r\n".join([*lines, "END:VCALENDAR", ""])


def event(*lines: str, uid: str = "1@example.com") -> str:
    """Return an entry."""
    head = ["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z"]
    return "\n".join([*head, *lines, "END:VEVENT"])


def at(start: str, end: str) -> str:
    """Return the two lines of an entry's time."""
    return f"DTSTART{start}\nDTEND{end}"


UTC_HOUR = at(":20260302T090000Z", ":20260302T100000Z")
NINE = "2026-03-02T09:00/10:00"

ONE_ENTRY = (
    Feed("a time in UTC", event(UTC_HOUR), [NINE]),
    Feed(
        "a time in a zone of IANA's, in winter",
        event(
            at(";TZID=Europe/Copenhagen:20260302T100000", ";TZID=Europe/Copenhagen:20260302T110000")
        ),
        [NINE],
        same_in_ical_js=False,
    ),
    Feed(
        "the same in summer",
        event(
            at(";TZID=Europe/Copenhagen:20260702T100000", ";TZID=Europe/Copenhagen:20260702T110000")
        ),
        ["2026-07-02T08:00/09:00"],
        same_in_ical_js=False,
    ),
    Feed(
        "a zone between quotes",
        event(
            at(
                ';TZID="America/New_York":20260302T040000',
                ';TZID="America/New_York":20260302T050000',
            )
        ),
        [NINE],
        same_in_ical_js=False,
    ),
    Feed(
        "a zone of Windows without a definition, as Outlook publishes it",
        event(
            at(
                ";TZID=Romance Standard Time:20260302T100000",
                ";TZID=Romance Standard Time:20260302T110000",
            )
        ),
        [NINE],
        same_in_ical_js=False,
    ),
    Feed(
        "a zone of Windows between quotes",
        event(
            at(
                ';TZID="Pacific Standard Time":20260302T010000',
                ';TZID="Pacific Standard Time":20260302T020000',
            )
        ),
        [NINE],
        same_in_ical_js=False,
    ),
    Feed(
        "a zone of IANA's at the end of a longer name, as older servers write it",
        event(
            at(
                ";TZID=/citadel.org/20260101_1/Europe/Oslo:20260302T100000",
                ";TZID=/citadel.org/20260101_1/Europe/Oslo:20260302T110000",
            )
        ),
        [NINE],
        same_in_ical_js=False,
    ),
    Feed(
        "a zone that the calendar defines itself",
        event(
            at(
                ";TZID=Customized Time Zone:20260702T100000",
                ";TZID=Customized Time Zone:20260702T110000",
            )
        ),
        ["2026-07-02T08:00/09:00"],
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "a definition that is out of date, of a zone that IANA knows",
        event(
            at(";TZID=Europe/Copenhagen:20260702T100000", ";TZID=Europe/Copenhagen:20260702T110000")
        ),
        ["2026-07-02T08:00/09:00"],
        head=OUTLOOK_ZONE.replace("Customized Time Zone", "Europe/Copenhagen").replace(
            "+0200", "+0500"
        ),
        same_in_ical_js=False,
    ),
    Feed(
        "a zone that nobody knows, where the calendar names its own",
        event(at(";TZID=Nowhere:20260302T040000", ";TZID=Nowhere:20260302T050000")),
        [NINE],
        ["Nowhere"],
        head="X-WR-TIMEZONE:America/New_York",
        same_in_ical_js=False,
    ),
    Feed(
        "a zone that nobody knows, where nothing else is said",
        event(at(";TZID=Nowhere:20260302T100000", ";TZID=Nowhere:20260302T110000")),
        [NINE],
        ["Nowhere"],
        same_in_ical_js=False,
    ),
    Feed(
        "a floating time is in the organizer's day",
        event(at(":20260302T100000", ":20260302T110000")),
        [NINE],
        same_in_ical_js=False,
    ),
    Feed(
        "a floating time in a calendar with a zone of its own is still the organizer's",
        event(at(":20260302T100000", ":20260302T110000")),
        [NINE],
        head="X-WR-TIMEZONE:America/New_York",
        same_in_ical_js=False,
    ),
    Feed(
        "a whole day",
        event("DTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260303"),
        ["2026-03-01T23:00/2026-03-02T23:00 all day"],
        same_in_ical_js=False,
    ),
    Feed(
        "a whole day without an end",
        event("DTSTART;VALUE=DATE:20260302"),
        ["2026-03-01T23:00/2026-03-02T23:00 all day"],
        same_in_ical_js=False,
    ),
    Feed(
        "a day on which clocks change",
        event("DTSTART;VALUE=DATE:20260329"),
        ["2026-03-28T23:00/2026-03-29T22:00 all day"],
        same_in_ical_js=False,
    ),
    Feed(
        "a holiday of three weeks",
        event("DTSTART;VALUE=DATE:20260706\nDTEND;VALUE=DATE:20260727"),
        ["2026-07-05T22:00/2026-07-26T22:00 all day"],
        same_in_ical_js=False,
    ),
    Feed("a duration", event("DTSTART:20260302T090000Z\nDURATION:PT1H"), [NINE]),
    Feed(
        "a duration of a day, over a clock change, ends at the same time of day",
        event("DTSTART;TZID=Customized Time Zone:20260328T120000\nDURATION:P1D"),
        ["2026-03-28T11:00/2026-03-29T10:00"],
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "a duration of 24 hours, over a clock change, is real time",
        event("DTSTART;TZID=Customized Time Zone:20260328T120000\nDURATION:PT24H"),
        ["2026-03-28T11:00/2026-03-29T11:00"],
        head=OUTLOOK_ZONE,
        same_in_ical_js=False,
    ),
    Feed(
        "a week as a duration",
        event("DTSTART:20260302T090000Z\nDURATION:P1W"),
        ["2026-03-02T09:00/2026-03-09T09:00"],
    ),
    Feed(
        "no end and no duration takes nothing",
        event("DTSTART:20260302T090000Z"),
        same_in_ical_js=False,
    ),
    Feed(
        "an end at the start takes nothing",
        event(at(":20260302T090000Z", ":20260302T090000Z")),
        same_in_ical_js=False,
    ),
    Feed(
        "start and end in two zones",
        event(
            at(";TZID=Europe/Copenhagen:20260302T100000", ";TZID=America/New_York:20260302T050000")
        ),
        [NINE],
        same_in_ical_js=False,
    ),
    Feed(
        "a time that the clock skips begins behind the gap",
        event(
            at(";TZID=Europe/Copenhagen:20260329T023000", ";TZID=Europe/Copenhagen:20260329T040000")
        ),
        ["2026-03-29T01:30/02:00"],
        same_in_ical_js=False,
    ),
    Feed(
        "a time that comes twice is its first pass",
        event(
            at(";TZID=Europe/Copenhagen:20261025T023000", ";TZID=Europe/Copenhagen:20261025T033000")
        ),
        ["2026-10-25T00:30/02:30"],
        same_in_ical_js=False,
    ),
    Feed(
        "lines that are folded, in the middle of a date too",
        event("DTSTART:202603\n 02T090000Z\nDTEND:20260302\n\tT100000Z"),
        [NINE],
    ),
    Feed(
        "names in small letters",
        event("dtstart:20260302T090000Z\ndtend:20260302T100000Z").replace(
            "BEGIN:VEVENT", "begin:vevent"
        ),
        [NINE],
    ),
    Feed(
        "an alarm inside, with a duration of its own",
        event(UTC_HOUR, "BEGIN:VALARM\nTRIGGER:-PT15M\nDURATION:PT5M\nACTION:DISPLAY\nEND:VALARM"),
        [NINE],
    ),
    Feed(
        "a task and a journal take nothing",
        "BEGIN:VTODO\nUID:t\nDTSTART:20260302T090000Z\nDUE:20260302T100000Z\nEND:VTODO\nBEGIN:VJOURNAL\nUID:j\nDTSTART:20260302T090000Z\nEND:VJOURNAL",
    ),
    Feed(
        "what was over before the year",
        event(at(":20251231T200000Z", ":20251231T210000Z")),
        same_in_ical_js=False,
    ),
    Feed(
        "two entries with one UID and no series: the newer counts",
        event(UTC_HOUR, "SEQUENCE:1")
        + "\n"
        + event(at(":20260303T090000Z", ":20260303T100000Z"), "SEQUENCE:2"),
        ["2026-03-03T09:00/10:00"],
        same_in_ical_js=False,
    ),
    Feed(
        "an entry without a UID",
        event(UTC_HOUR).replace("UID:1@example.com\n", ""),
        [NINE],
        same_in_ical_js=False,
    ),
)

KINDS = (
    Feed(
        "transparent is free",
        event(UTC_HOUR, "TRANSP:TRANSPARENT"),
        [f"{NINE} free"],
    ),
    Feed("opaque is busy", event(UTC_HOUR, "TRANSP:OPAQUE"), [NINE]),
    Feed("cancelled takes nothing", event(UTC_HOUR, "STATUS:CANCELLED"), same_in_ical_js=False),
    Feed(
        "tentative",
        event(UTC_HOUR, "STATUS:TENTATIVE"),
        [f"{NINE} tentative"],
    ),
    Feed(
        "Outlook: free",
        event(UTC_HOUR, "TRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:FREE"),
        [f"{NINE} free"],
    ),
    Feed(
        "Outlook: tentative",
        event(UTC_HOUR, "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"),
        [f"{NINE} tentative"],
    ),
    Feed(
        "Outlook: out of office",
        event(UTC_HOUR, "TRANSP:TRANSPARENT\nX-MICROSOFT-CDO-BUSYSTATUS:OOF"),
        [f"{NINE} out_of_office"],
    ),
    Feed(
        "Outlook: working elsewhere",
        event(UTC_HOUR, "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"),
        [f"{NINE} working_elsewhere"],
    ),
    Feed(
        "Outlook: a word that is not known is busy",
        event(UTC_HOUR, "X-MICROSOFT-CDO-BUSYSTATUS:ASLEEP"),
        [NINE],
    ),
    Feed(
        "declined by the owner takes nothing",
        event(UTC_HOUR, f'ATTENDEE;PARTSTAT=DECLINED;CN="Anna: A":MAILTO:{OWNER.upper()}'),
        same_in_ical_js=False,
    ),
    Feed(
        "declined by somebody else is busy",
        event(UTC_HOUR, "ATTENDEE;PARTSTAT=DECLINED:mailto:bo@example.com"),
        [NINE],
    ),
    Feed(
        "not answered by the owner is tentative",
        event(UTC_HOUR, f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{OWNER}"),
        [f"{NINE} tentative"],
    ),
    Feed(
        "accepted by the owner is busy",
        event(UTC_HOUR, f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{OWNER}"),
        [NINE],
    ),
    Feed(
        "declined by whom the calendar is called after, as Google names its feeds",
        event(UTC_HOUR, "ATTENDEE;PARTSTAT=DECLINED:mailto:me@gmail.example"),
        head="X-WR-CALNAME:me@gmail.example",
        same_in_ical_js=False,
    ),
    Feed(
        "free and busy times as Outlook publishes them",
        "BEGIN:VFREEBUSY\nUID:f\nFREEBUSY;FBTYPE=BUSY:20260302T090000Z/20260302T100000Z,20260303T090000Z/PT1H\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20260304T090000Z/PT1H\nFREEBUSY;FBTYPE=FREE:20260305T090000Z/PT1H\nFREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260306T090000Z/PT1H\nFREEBUSY:20260307T090000Z/PT1H\nEND:VFREEBUSY",
        [
            NINE,
            "2026-03-03T09:00/10:00",
            "2026-03-04T09:00/10:00 tentative",
            "2026-03-05T09:00/10:00 free",
            "2026-03-06T09:00/10:00 out_of_office",
            "2026-03-07T09:00/10:00",
        ],
        same_in_ical_js=False,
    ),
)

WEEKS = [f"2026-01-{day:02}T08:00/09:00" for day in (5, 12, 19, 26)]
ZONED = MASTER.replace("Europe/Copenhagen", "Customized Time Zone")
THE_12TH = "RECURRENCE-ID;TZID=Customized Time Zone:20260112T090000"
NINE_ON_THE_12TH = ZONED.replace("20260105", "20260112")
SERIES = (
    Feed(
        "every week, four times",
        event(ZONED, "RRULE:FREQ=WEEKLY;COUNT=4"),
        WEEKS,
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "every week until a day",
        event(ZONED, "RRULE:FREQ=WEEKLY;UNTIL=20260126T080000Z"),
        WEEKS,
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "until a date, as some write it",
        event(ZONED, "RRULE:FREQ=WEEKLY;UNTIL=20260126"),
        WEEKS,
        head=OUTLOOK_ZONE,
        same_in_ical_js=False,
    ),
    Feed(
        "every week in a zone of Windows",
        event(
            MASTER.replace("Europe/Copenhagen", "Romance Standard Time"),
            "RRULE:FREQ=WEEKLY;COUNT=4",
        ),
        WEEKS,
        same_in_ical_js=False,
    ),
    Feed(
        "keeps its local time over a clock change",
        event(
            "DTSTART;TZID=Customized Time Zone:20260326T090000\nDURATION:PT1H",
            "RRULE:FREQ=DAILY;COUNT=4",
        ),
        [
            "2026-03-26T08:00/09:00",
            "2026-03-27T08:00/09:00",
            "2026-03-28T08:00/09:00",
            "2026-03-29T07:00/08:00",
        ],
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "a day left out",
        event(ZONED, "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;TZID=Customized Time Zone:20260112T090000"),
        [WEEKS[0], *WEEKS[2:]],
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "two days left out in one line, in UTC",
        event(ZONED, "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE:20260112T080000Z,20260119T080000Z"),
        [WEEKS[0], WEEKS[3]],
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "more dates",
        event(
            "DTSTART:20260105T080000Z\nDTEND:20260105T090000Z",
            "RDATE:20260112T080000Z,20260119T080000Z",
        ),
        WEEKS[:3],
        same_in_ical_js=False,  # it leaves the first one out (RFC 5545, 3.8.5.2 has it)
    ),
    Feed(
        "more dates with an end of their own",
        event(
            "DTSTART:20260105T080000Z\nDTEND:20260105T090000Z",
            "RDATE;VALUE=PERIOD:20260112T080000Z/20260112T083000Z",
        ),
        [WEEKS[0], "2026-01-12T08:00/08:30"],
        same_in_ical_js=False,
    ),
    Feed(
        "one of them moved",
        event(ZONED, "RRULE:FREQ=WEEKLY;COUNT=4")
        + "\n"
        + event(
            THE_12TH,
            at(
                ";TZID=Customized Time Zone:20260113T140000",
                ";TZID=Customized Time Zone:20260113T150000",
            ),
        ),
        [WEEKS[0], "2026-01-13T13:00/14:00", *WEEKS[2:]],
        head=OUTLOOK_ZONE,
    ),
    Feed(
        "one of them cancelled",
        event(ZONED, "RRULE:FREQ=WEEKLY;COUNT=4")
        + "\n"
        + event(THE_12TH, NINE_ON_THE_12TH, "STATUS:CANCELLED"),
        [WEEKS[0], *WEEKS[2:]],
        head=OUTLOOK_ZONE,
        same_in_ical_js=False,
    ),
    Feed(
        "one of them declined",
        event(ZONED, "RRULE:FREQ=WEEKLY;COUNT=4")
        + "\n"
        + event(THE_12TH, NINE_ON_THE_12TH, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{OWNER}"),
        [WEEKS[0], *WEEKS[2:]],
        head=OUTLOOK_ZONE,
        same_in_ical_js=False,
    ),
    Feed(
        "an exception without its series, as an invitation to one meeting",
        event("RECURRENCE-ID:20260112T080000Z\nDTSTART:20260113T130000Z\nDTEND:20260113T140000Z"),
        ["2026-01-13T13:00/14:00"],
    ),
    Feed(
        "this one and all that follow are moved",
        event("DTSTART:20260105T080000Z\nDTEND:20260105T090000Z", "RRULE:FREQ=WEEKLY;COUNT=4")
        + "\n"
        + event(
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260119T080000Z\nDTSTART:20260119T100000Z\nDTEND:20260119T110000Z"
        ),
        [*WEEKS[:2], "2026-01-19T10:00/11:00", "2026-01-26T10:00/11:00"],
        same_in_ical_js=False,
    ),
    Feed(
        "the last Friday of a month",
        event(
            "DTSTART:20260130T080000Z\nDTEND:20260130T090000Z",
            "RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
        ),
        ["2026-01-30T08:00/09:00", "2026-02-27T08:00/09:00", "2026-03-27T08:00/09:00"],
    ),
    Feed(
        "the 31st, which not every month has",
        event(
            "DTSTART:20260131T080000Z\nDTEND:20260131T090000Z",
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
        ),
        ["2026-01-31T08:00/09:00", "2026-03-31T08:00/09:00", "2026-05-31T08:00/09:00"],
    ),
    Feed(
        "the last working day",
        event(
            "DTSTART:20260130T080000Z\nDTEND:20260130T090000Z",
            "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2",
        ),
        ["2026-01-30T08:00/09:00", "2026-02-27T08:00/09:00"],
    ),
    Feed(
        "every second week on two days",
        event(
            "DTSTART:20260105T080000Z\nDTEND:20260105T090000Z",
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4",
        ),
        [
            "2026-01-05T08:00/09:00",
            "2026-01-07T08:00/09:00",
            "2026-01-19T08:00/09:00",
            "2026-01-21T08:00/09:00",
        ],
    ),
    Feed(
        "a birthday",
        event("DTSTART;VALUE=DATE:19800302", "RRULE:FREQ=YEARLY\nTRANSP:TRANSPARENT"),
        ["2026-03-01T23:00/2026-03-02T23:00 free all day"],
        same_in_ical_js=False,
    ),
    Feed(
        "every hour of a morning",
        event("DTSTART:20260105T080000Z\nDTEND:20260105T081500Z", "RRULE:FREQ=HOURLY;COUNT=3"),
        ["2026-01-05T08:00/08:15", "2026-01-05T09:00/09:15", "2026-01-05T10:00/10:15"],
    ),
    Feed(
        "a series that began long ago",
        event(
            "DTSTART:20000103T080000Z\nDTEND:20000103T090000Z",
            "RRULE:FREQ=WEEKLY;UNTIL=20260126T080000Z",
        ),
        WEEKS,
    ),
    Feed(
        "series in floating time",
        event("DTSTART:20260105T090000\nDTEND:20260105T100000", "RRULE:FREQ=WEEKLY;COUNT=4"),
        WEEKS,
        same_in_ical_js=False,
    ),
)

BROKEN = (
    Feed(
        "an entry without a start, and the rest counts",
        event("DTEND:20260302T100000Z") + "\n" + event(UTC_HOUR, uid="2"),
        [NINE],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "a date that is none",
        event(at(":20260231T090000Z", ":20260231T100000Z")) + "\n" + event(UTC_HOUR, uid="2"),
        [NINE],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "an end before the start",
        event(at(":20260302T100000Z", ":20260302T090000Z")) + "\n" + event(UTC_HOUR, uid="2"),
        [NINE],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "a rule of every second",
        event(UTC_HOUR, "RRULE:FREQ=SECONDLY") + "\n" + event(UTC_HOUR, uid="2"),
        [NINE],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "a rule of every minute in another form",
        event(
            UTC_HOUR, "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3;BYMINUTE=" + ",".join(map(str, range(60)))
        ),
        [],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "an interval of nothing",
        event(UTC_HOUR, "RRULE:FREQ=DAILY;INTERVAL=0") + "\n" + event(UTC_HOUR, uid="2"),
        [NINE],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "a rule that is none",
        event(UTC_HOUR, "RRULE:FREQ=NEVER"),
        [],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "a duration that is none",
        event("DTSTART:20260302T090000Z\nDURATION:PT"),
        [],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
    Feed(
        "a line without a value",
        event("DTSTART;VALUE=DATE\nDTEND:20260302T100000Z"),
        [],
        ["1@example.com"],
        same_in_ical_js=False,
    ),
)

FEEDS: tuple[Feed, ...] = (*ONE_ENTRY, *KINDS, *SERIES, *BROKEN)
