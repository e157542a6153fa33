"""Ids of addressees, erased links, addresses to prove; one person in the limit for attendees."""

from alembic import op

revision = "0012"
down_revision = "0010"

# An older process calls the function with one address as it was typed; that one stays.
PEOPLE = """
UPDATE link_details SET addressees = (
    SELECT jsonb_agg(each || jsonb_build_object('id', gen_random_uuid()) ORDER BY place)
    FROM jsonb_array_elements(addressees) WITH ORDINALITY AS t (each, place))
WHERE jsonb_array_length(addressees) > 0;
CREATE INDEX link_details_addressees ON link_details USING gin (addressees jsonb_path_ops);
ALTER TABLE erasures ALTER COLUMN booking_id DROP NOT NULL,
    ADD COLUMN link_id uuid,
    ADD COLUMN link_ended boolean NOT NULL DEFAULT false;
CREATE TABLE page_emails (
    organizer_id uuid PRIMARY KEY,
    request_id uuid NOT NULL,
    email text NOT NULL
);
CREATE INDEX page_emails_address ON page_emails (lower(email));
CREATE FUNCTION refuse_more_of_attendee(
    p_booking uuid, p_organizer uuid, p_forms text[], p_most integer
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM attendees a JOIN bookings b ON b.id = a.booking_id
        WHERE a.organizer_id = p_organizer AND lower(a.email) = ANY (p_forms)
            AND a.booking_id <> p_booking AND b.ends_at > clock_timestamp()
            AND (b.status = 'confirmed' OR b.status = 'requested' AND EXISTS (
                SELECT FROM slot_claims c WHERE c.booking_id = b.id
                    AND coalesce(c.held_until > clock_timestamp(), true)))) >= p_most THEN
        RAISE EXCEPTION USING ERRCODE = 'BW003', MESSAGE = 'max_active_per_attendee';
    END IF;
END $$;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(PEOPLE)
