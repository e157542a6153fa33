"""Limits on bookings by day, by week and by attendee, counted behind the organizer's lock."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Each statement inside sees what was committed before it, the appends before the lock included.
LIMITS = """
CREATE FUNCTION refuse_more_bookings(
    p_booking uuid, p_organizer uuid, p_type uuid, p_begins timestamptz, p_ends timestamptz,
    p_most integer, p_rule text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(DISTINCT c.booking_id) FROM slot_claims c
        JOIN bookings b ON b.id = c.booking_id
        WHERE c.organizer_id = p_organizer AND c.during && tstzrange(p_begins, p_ends)
            AND lower(c.during) >= p_begins AND c.booking_id <> p_booking
            AND b.meeting_type_id = p_type
            AND coalesce(c.held_until > clock_timestamp(), true)) >= p_most THEN
        RAISE EXCEPTION USING ERRCODE = 'BW003', MESSAGE = p_rule;
    END IF;
END $$;
CREATE FUNCTION refuse_more_of_attendee(
    p_booking uuid, p_organizer uuid, p_email text, p_most integer
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM attendees a JOIN bookings b ON b.id = a.booking_id
        WHERE a.organizer_id = p_organizer AND lower(a.email) = lower(p_email)
            AND a.booking_id <> p_booking AND b.ends_at > clock_timestamp()
            AND b.status IN ('requested', 'confirmed')) >= p_most THEN
        RAISE EXCEPTION USING ERRCODE = 'BW003', MESSAGE = 'max_active_per_attendee';
    END IF;
END $$;
CREATE INDEX attendees_of_address ON attendees (organizer_id, lower(email));
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(LIMITS)
