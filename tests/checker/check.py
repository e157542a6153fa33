"""The verdict: every rule on all the evidence, and whether the run has shown anything at all."""

from collections.abc import Callable, Iterator

from tests.checker import effect_rules, store_rules, topic_rules
from tests.checker.evidence import Evidence, Violation

RULES: dict[str, Callable[[Evidence], Iterator[Violation]]] = {
    "I1": store_rules.no_overlap,
    "I2": store_rules.acknowledged_is_stored,
    "I3": store_rules.contiguous,
    "I4": topic_rules.store_is_topic,
    "I5": topic_rules.order_of_commits,
    "I6": topic_rules.duplicates_are_bounded,
    "I7": effect_rules.read_models_are_folds,
    "I8": effect_rules.each_letter_arrives,
    "I9": effect_rules.invitations_grow,
    "I10": store_rules.links_are_limited,
    "I11": store_rules.none_when_denied,
    "I14": effect_rules.becomes_idle,
    "I20": topic_rules.poison_is_parked,
}


def check(evidence: Evidence) -> list[Violation]:
    """Return every guarantee that is broken, and why the run proves nothing if it does not."""
    broken = [violation for rule in RULES.values() for violation in rule(evidence)]
    return [*_empty(evidence), *broken]


def _empty(evidence: Evidence) -> Iterator[Violation]:
    if not any(asked.outcome == "ok" for asked in evidence.asked):
        yield Violation("empty", "no client was ever history yes")
    if not any(asked.outcome == "refused" for asked in evidence.asked):
        yield Violation("empty", "no client was ever refused")
    if not evidence.faults:
        yield Violation("empty", "no fault was wanted")
    for fault in evidence.faults:
        if fault.happened < fault.wanted:
            words = f"{fault.name} happened {fault.happened} of {fault.wanted} times"
            yield Violation("empty", words)
