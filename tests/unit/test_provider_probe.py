"""What `bookwith doctor` says of an OpenID provider by which nobody could sign in."""

from typing import Any

import pytest

from deploy.local.probes import why_the_provider_cannot_be_used
from tests.component.provider import serving
from tests.running_service import free_port

DISCOVERY = "/.well-known/openid-configuration"
COMPLETE = {"authorization_endpoint": "a", "token_endpoint": "t", "jwks_uri": "k"}


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"issuer": None, **COMPLETE}, None),
        ({"issuer": "https://elsewhere.example", **COMPLETE}, "calls itself https://elsewhere"),
        ({"issuer": None, "jwks_uri": "k"}, "has no authorization_endpoint, token_endpoint"),
        ({}, "has no discovery document there (status 200)"),
        ([], "has no discovery document there (status 200)"),
        (None, "has no discovery document there (status 404)"),
    ],
)
def test_a_provider_that_cannot_be_used_is_told_by_its_discovery_document(
    document: Any, why: str | None
) -> None:
    found: dict[str, str] = {}

    def answer(path: str, _: dict[str, str], __: dict[str, str]) -> Any:
        assert path == DISCOVERY
        if isinstance(document, dict) and "issuer" in document and document["issuer"] is None:
            return {**document, "issuer": found["issuer"]}
        return document

    with serving(answer) as found["issuer"]:
        said = why_the_provider_cannot_be_used(found["issuer"])

    assert said is None if why is None else why in (said or "")


def test_a_provider_that_does_not_answer_is_told() -> None:
    assert why_the_provider_cannot_be_used(f"http://127.0.0.1:{free_port()}")
