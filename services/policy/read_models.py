"""Policy's tables: which are rebuilt from its log."""

from services.chassis.events.rebuild import ReadModels
from services.policy.store import ORGANIZATION, USER
from services.policy.tables import metadata, users

MODELS = ReadModels(metadata=metadata, categories=(ORGANIZATION, USER), rebuilt=(users,), kept={})
