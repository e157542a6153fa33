"""A refused claim says whether what is in its way is over, and tries again when that is gone."""

from alembic import op

revision = "0010"
down_revision = "0009"

CLAIMS_2 = """
CREATE OR REPLACE FUNCTION claim_slot(
    p_booking uuid, p_organizer uuid, p_starts_at timestamptz, p_ends_at timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_over boolean;
BEGIN
    LOOP
        INSERT INTO slot_claims (booking_id, organizer_id, during)
        VALUES (p_booking, p_organizer, tstzrange(p_starts_at, p_ends_at))
        ON CONFLICT DO NOTHING;
        IF FOUND OR EXISTS (
            SELECT 1 FROM slot_claims
            WHERE booking_id = p_booking AND during = tstzrange(p_starts_at, p_ends_at)
        ) THEN
            RETURN;
        END IF;
        SELECT bool_and(coalesce(held_until <= clock_timestamp(), false)) INTO v_over
        FROM slot_claims
        WHERE organizer_id = p_organizer AND booking_id <> p_booking
            AND during && tstzrange(p_starts_at, p_ends_at);
        -- NULL: what was in the way is gone by now, so the claim is tried once more.
        IF v_over IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'BW002', MESSAGE = 'the slot is taken',
                DETAIL = CASE WHEN v_over THEN 'over' ELSE 'live' END;
        END IF;
    END LOOP;
END $$;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(CLAIMS_2)
