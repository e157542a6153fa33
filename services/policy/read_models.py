"""Policy's tables: which are rebuilt from its log, and why others are not."""

from services.chassis.events.rebuild import ReadModels
from services.policy.store import ORGANIZATION, ROLLOUT, USER
from services.policy.tables import audit, directory, graph_state, metadata, plans, users

MODELS = ReadModels(
    metadata=metadata,
    categories=(ORGANIZATION, ROLLOUT, USER),
    rebuilt=(users,),
    kept={
        plans: "what was asked for and not done is in no event",
        audit: "refused attempts are in no event, and a record is never written again",
        graph_state: "where another service goes on is in no event",
        directory: "names and addresses are in no event, so that they can be erased",
    },
)
