"""That a version of the policy has reached everybody: given what happened, when, then."""

from pydantic import TypeAdapter

from services.policy.domain import rollout
from services.policy.domain.rollout import FinishRollout, PolicyApplied
from tests.specification import specification

given = specification(rollout.DECIDER)


def test_a_version_is_applied_once_and_an_older_one_not_behind_it() -> None:
    given().when(FinishRollout(1)).then(PolicyApplied(1))
    given(PolicyApplied(2)).when(FinishRollout(2)).then()
    given(PolicyApplied(2)).when(FinishRollout(1)).then()
    given(PolicyApplied(2)).when(FinishRollout(4)).then(PolicyApplied(4))


def test_the_newest_version_counts() -> None:
    assert 3 == rollout.DECIDER.fold([PolicyApplied(3), PolicyApplied(2)])


def test_events_can_be_stored_as_json() -> None:
    adapter = TypeAdapter(PolicyApplied)

    assert PolicyApplied(2) == adapter.validate_json(adapter.dump_json(PolicyApplied(2)))
