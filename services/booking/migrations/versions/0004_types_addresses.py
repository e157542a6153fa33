"""Every address that a page has or had is its organizer's for ever; look-alikes of it too."""

from alembic import op

revision = "0004"
down_revision = "0003"

# Two organizers may have had an address, or look-alikes, one after the other: the first keeps it.
STATEMENTS = """
CREATE TABLE page_addresses (
    organizer_id uuid NOT NULL,
    handle text NOT NULL,
    look text NOT NULL,
    forwards_until timestamptz,
    PRIMARY KEY (organizer_id, handle),
    CONSTRAINT page_addresses_look EXCLUDE USING gist (look WITH =, organizer_id WITH <>)
);
CREATE INDEX page_addresses_handle ON page_addresses (handle);

INSERT INTO page_addresses (organizer_id, handle, look)
SELECT h.organizer_id, h.handle,
    replace(replace(translate(h.handle, '01i', 'oll'), 'rn', 'm'), 'vv', 'w')
FROM (
    SELECT partition_key::uuid AS organizer_id, min(time) AS since,
        coalesce(data->'profile'->>'handle', data->>'handle') AS handle
    FROM events WHERE type IN ('PageCreated', 'PageChanged', 'PageAddressRenewed')
    GROUP BY 1, 3) AS h
ORDER BY h.since
ON CONFLICT DO NOTHING;

CREATE FUNCTION claim_address(p_organizer_id uuid, p_handle text, p_look text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO page_addresses (organizer_id, handle, look)
    VALUES (p_organizer_id, p_handle, p_look) ON CONFLICT DO NOTHING;
    IF EXISTS (SELECT FROM page_addresses
            WHERE look = p_look AND organizer_id <> p_organizer_id) THEN
        RAISE EXCEPTION 'the address is taken'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'page_addresses_look';
    END IF;
END $$;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(STATEMENTS)
