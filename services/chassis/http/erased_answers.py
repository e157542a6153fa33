"""Remembered answers to commands about one thing are forgotten: they can be personal."""

from uuid import UUID

from services.chassis.postgres.database import Statement, sql

# Of a command that is under way the answer will not be kept either: see http/idempotency.py.
_FORGET = sql("""
    UPDATE idempotency_keys SET answer = NULL, subject = NULL,
        fingerprint = CASE WHEN status IS NULL THEN fingerprint ELSE '' END
    WHERE subject = %(subject)s
""")


def forget_answers(subject: UUID) -> Statement:
    """Forget the answers to commands about the thing, and what was asked."""
    return Statement(_FORGET, {"subject": subject})
