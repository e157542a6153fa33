"""How Alembic reaches this service's tables."""

from services.chassis.postgres.migrations import run_env
from services.policy.tables import metadata

run_env(metadata)
