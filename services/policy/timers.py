"""What policy's timers do."""

from services.policy.rollout import KIND, decide_batch

HANDLERS = {KIND: decide_batch}
