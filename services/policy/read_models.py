"""Policy's tables: which are rebuilt from its log, and why others are not."""

from services.chassis.events.rebuild import ReadModels
from services.policy.store import ORGANIZATION, ROLLOUT, USER
from services.policy.tables import audit, directory, metadata, plans, users

MODELS = ReadModels(
    metadata=metadata,
    categories=(ORGANIZATION, ROLLOUT, USER),
    rebuilt=(users,),
    kept={
        plans: "what was asked for and not done is in no event",
        audit: "refused attempts are in no event, and a record is never written again",
        directory: "names and addresses are in no event, so that they can be erased",
    },
)
