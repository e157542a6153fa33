"""The SQL behind questions about slots: rules, claims and calendars' times in one round trip."""

from services.chassis.postgres.database import sql

# How far from the time asked about a claim may matter: no buffer is over 12 hours, and a limit
# counts whole days or weeks of the organizer's zone.
_BUFFERS_REACH = "interval '12 hours'"
_LIMITS_REACH = """CASE WHEN t.rules->>'max_per_week' IS NOT NULL THEN interval '8 days'
    WHEN t.rules->>'max_per_day' IS NOT NULL THEN interval '2 days'
    ELSE interval '12 hours' END"""
# What a limit of the type counts: its bookings, not what an offer holds.
_IS_OF_TYPE = "c.link_id IS NULL AND c.meeting_type_id = {type_id}"
# What an offer holds is free for whoever shows its link.
# A claim has the buffers that its meeting type has by now; a type that is not known has none.
_BEFORE = "coalesce((made.rules->>'buffer_before_minutes')::integer, 0)"
_AFTER = "coalesce((made.rules->>'buffer_after_minutes')::integer, 0)"
_CLAIMS_NEAR = """claims AS c LEFT JOIN meeting_types AS made ON made.id = c.meeting_type_id
    WHERE c.organizer_id = {organizer_id}
        AND c.ends_at > {start} - {reach}
        AND c.starts_at < {end} + {reach}
        AND (c.link_id IS NULL OR c.link_id IS DISTINCT FROM {link_id})"""


def _taken(
    organizer_id: str,
    type_id: str,
    start: str,
    end: str,
    link_id: str,
    reach: str = _BUFFERS_REACH,
) -> str:
    """Return the query for the claims near the time, as arrays."""
    return f"""
        SELECT array_agg(c.booking_id) AS ids, array_agg(c.starts_at) AS starts,
            array_agg(c.ends_at) AS ends, array_agg(c.expires_at) AS expiries,
            array_agg({_BEFORE}) AS before, array_agg({_AFTER}) AS after,
            array_agg({_IS_OF_TYPE.format(type_id=type_id)}) AS of_type
        FROM {_near(organizer_id, start, end, link_id, reach)}"""  # noqa: S608 -- columns


def _near(organizer_id: str, start: str, end: str, link_id: str, reach: str) -> str:
    return _CLAIMS_NEAR.format(
        organizer_id=organizer_id, start=start, end=end, link_id=link_id, reach=reach
    )


_ASKED = _taken(
    "t.organizer_id",
    "t.id",
    "%(start)s::timestamptz",
    "%(end)s::timestamptz",
    "link.id",
    _LIMITS_REACH,
)
_RESERVED = _taken(
    "asked.organizer_id", "asked.type_id", "asked.start", 'asked."end"', "asked.link_id"
)


# What calendars take near the time; which kinds of entry take time is a rule of the organizer's.
_TAKES = "b.kind IN ('busy', 'tentative', 'out_of_office')"
_CALENDAR = f"""
    SELECT array_agg(b.begins) AS begins,
        array_agg(b.ends) AS ends
    FROM busy_times AS b
    WHERE b.organizer_id = {{organizer_id}}
        AND b.ends > {{since}} AND b.begins < {{until}} AND {_TAKES}"""  # noqa: S608 -- columns
_SPAN = {"since": "%(since)s::bigint", "until": "%(until)s::bigint"}
_ASKED_CALENDAR = _CALENDAR.format(organizer_id="t.organizer_id", **_SPAN)
_RESERVED_CALENDAR = _CALENDAR.format(
    organizer_id="asked.organizer_id", since="asked.since", until="asked.until"
)
_KNOWN = """
    SELECT min(c.closed_from) > clock_timestamp() AS known,
        min(coalesce(c.read_at, c.connected_at)) FILTER (WHERE c.broken_since IS NOT NULL)
            AS stale_since,
        (array_agg(c.hours) FILTER (WHERE c.hours IS NOT NULL))[1] AS hours
    FROM calendars AS c WHERE c.organizer_id = t.organizer_id"""
_OFFERING = """t.organizer_id, t.private, t.rules::text, t.deleted,
        coalesce(p.published, false), coalesce(p.allowed, false),
        coalesce(p.regular_hours, known.hours)::text, coalesce(known.known, true),
        known.stale_since"""
_TAKEN = """taken.ids, taken.starts, taken.ends, taken.expiries, taken.before, taken.after,
        taken.of_type, calendar.begins, calendar.ends"""

# All that a question about slots needs, in one round trip; what was not asked for is NULL.
QUESTION = sql(f"""
    SELECT link.meeting_type_id, link.ended, link.expires_at <= clock_timestamp(),
        link.duration_minutes,
        own.meeting_type_id, own.ends_at - own.starts_at,
        clock_timestamp(), {_OFFERING}, {_TAKEN}
    FROM (SELECT %(type_id)s::uuid AS type_id) AS asked
    LEFT JOIN meeting_types AS t ON t.id = asked.type_id
    LEFT JOIN pages AS p ON p.organizer_id = t.organizer_id
    LEFT JOIN private_links AS link ON link.id = %(link_id)s::uuid
    LEFT JOIN LATERAL (
        SELECT meeting_type_id, starts_at, ends_at FROM claims
        WHERE booking_id = %(booking_id)s::uuid
        LIMIT 1) AS own ON true
    LEFT JOIN LATERAL ({_ASKED}) AS taken ON true
    LEFT JOIN LATERAL ({_KNOWN}) AS known ON true
    LEFT JOIN LATERAL ({_ASKED_CALENDAR}) AS calendar ON true
""")  # noqa: S608 -- names of columns, never a value
# What several verdicts need: of each its meeting type and the times that are taken around it.
FOR_VERDICTS = sql(f"""
    SELECT t.id, clock_timestamp(), {_OFFERING}, {_TAKEN}
    FROM jsonb_to_recordset(%(asked)s) AS asked (
        place integer, type_id uuid, organizer_id uuid, link_id uuid,
        start timestamptz, "end" timestamptz, since bigint, until bigint)
    LEFT JOIN meeting_types AS t ON t.id = asked.type_id
    LEFT JOIN pages AS p ON p.organizer_id = t.organizer_id
    LEFT JOIN LATERAL ({_RESERVED}) AS taken ON true
    LEFT JOIN LATERAL ({_KNOWN}) AS known ON true
    LEFT JOIN LATERAL ({_RESERVED_CALENDAR}) AS calendar ON true
    ORDER BY asked.place
""")  # noqa: S608 -- names of columns, never a value
_LATER = _taken(
    "%(organizer_id)s",
    "%(type_id)s::uuid",
    "%(start)s",
    "%(end)s",
    "%(link_id)s::uuid",
    "%(reach)s",
)
TAKEN_IN = sql(f"""
    SELECT {_TAKEN} FROM ({_LATER}) AS taken,
        ({_CALENDAR.format(organizer_id="%(organizer_id)s", **_SPAN)}) AS calendar
""")  # noqa: S608 -- names of columns, never a value
