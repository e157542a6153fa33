"""Problem documents as RFC 9457 wants them."""

from typing import Any

import httpx


def assert_problem(answer: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    """Assert that the answer is such a problem as RFC 9457 defines, and return the document."""
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    ), answer.text
    document: dict[str, Any] = answer.json()
    assert document["type"] == f"/problems/{kind}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"].endswith((".", "…"))
    return document
