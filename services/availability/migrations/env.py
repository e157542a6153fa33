"""How Alembic reaches this service's tables."""

from services.availability.tables import metadata
from services.chassis.postgres.migrations import run_env

run_env(metadata)
