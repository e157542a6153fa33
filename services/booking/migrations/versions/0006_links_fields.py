"""What is noted about private links, how often each was used, why it has ended; offered times."""

from alembic import op

revision = "0006"
down_revision = "0005"

# Labels were in the events; from now on they are where they can be erased.
LINKS_2 = """
CREATE TABLE link_details (
    link_id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL,
    label text NOT NULL,
    reference text NOT NULL,
    addressees jsonb NOT NULL
);
ALTER TABLE private_links
    ADD COLUMN offer_id uuid,
    ADD COLUMN max_uses integer,
    ADD COLUMN uses integer NOT NULL DEFAULT 0,
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN ended text;
CREATE TABLE offers (
    id uuid PRIMARY KEY,
    organizer_id uuid NOT NULL,
    link_id uuid NOT NULL,
    starts timestamptz[] NOT NULL,
    length interval NOT NULL,
    held boolean NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX offers_of_organizer ON offers (organizer_id, id);
ALTER TABLE slot_claims ADD COLUMN of_offer boolean NOT NULL DEFAULT false;
INSERT INTO link_details (link_id, organizer_id, label, reference, addressees)
SELECT l.id, l.organizer_id, coalesce(newest.limits ->> 'label', ''), '', '[]'
FROM private_links l CROSS JOIN LATERAL (
    SELECT e.data -> 'limits' AS limits FROM events e
    WHERE e.stream = 'private_link-' || l.id AND e.data ? 'limits'
    ORDER BY e.version DESC LIMIT 1) AS newest;
UPDATE private_links l SET
    max_uses = (
        SELECT (e.data -> 'limits' ->> 'max_uses')::integer FROM events e
        WHERE e.stream = 'private_link-' || l.id AND e.data ? 'limits'
        ORDER BY e.version DESC LIMIT 1),
    uses = used.uses,
    last_used_at = used.last_used_at,
    ended = (
        SELECT e.data ->> 'reason' FROM events e
        WHERE e.stream = 'private_link-' || l.id AND e.type = 'LinkExpired')
FROM private_links o CROSS JOIN LATERAL (
    SELECT count(*)::integer AS uses, max(e.time) AS last_used_at FROM events e
    WHERE e.stream = 'private_link-' || o.id AND e.type = 'LinkUseConsumed') AS used
WHERE o.id = l.id;
"""


def upgrade() -> None:
    op.get_bind().exec_driver_sql(LINKS_2)
