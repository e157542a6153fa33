"""The files in `.local/` as the first version wrote them: a newer one reads them."""

import json
from pathlib import Path

from deploy.local.settings import SecretValues, secret_values
from deploy.local.state import PartState, StateFile

STATE = {
    "state": "running",
    "pid": 4000001,
    "created": 1764460000.5,
    "parent": 4000000,
    "parent_created": 1764450000.25,
    "ports": {"booking": 8080, "kafka": 9092, "postgres": 5432},
    "external": {},
    "parts": [
        {
            "name": "supervisor",
            "role": "supervisor",
            "url": None,
            "pid": 4000001,
            "created": 1764460000.5,
            "state": "running",
            "restarts": 0,
            "log": None,
        },
        {
            "name": "kafka",
            "role": "kafka",
            "url": "127.0.0.1:9092",
            "pid": 4000002,
            "created": 1764460001.0,
            "state": "running",
            "restarts": 3,
            "log": ".local/logs/kafka.log",
        },
    ],
}
SECRETS = {
    "token_keys": "1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "organization_namespace": "0d1e6f0a-6d0e-4a57-9d0c-0f3f3b6b6a10",
}


def test_a_state_file_of_the_first_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps(STATE))
    state = StateFile(tmp_path).read()

    assert state is not None
    assert ("running", 4000001, True) == (state.state, state.pid, state.orphaned())
    assert state.supervisor() is None
    assert {} == state.left_behind()
    assert state.ports["kafka"] == 9092
    assert isinstance(state.parts[1], PartState)
    assert ("kafka", "127.0.0.1:9092", 3) == (
        state.parts[1].role,
        state.parts[1].url,
        state.parts[1].restarts,
    )


def test_the_secrets_of_the_first_version_are_kept(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps(SECRETS))

    assert SecretValues(**SECRETS) == secret_values(tmp_path, {})
    assert json.loads((tmp_path / "secrets.json").read_text()) == SECRETS
