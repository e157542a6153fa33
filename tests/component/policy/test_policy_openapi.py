"""Whatever is sent, policy answers as its OpenAPI document says, and never with a 5xx."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.component.openapi_answers import Asked, asked_of, check_answer, examples
from tests.component.policy.administration import Administration
from tests.component.policy.provisioning import TOKEN, Client

CALLERS = ("administrator", "organizer", "provisioning client", "nobody")


@pytest.fixture(params=CALLERS)
async def asked(administration: Administration, request: Any) -> Asked:
    """A user whose switch is set, and somebody who asks about it."""
    user = await administration.known(enabled=True)
    tag = (await administration.call("GET", "/organization")).headers["etag"]
    headers = {
        "administrator": {**administration.ada, "If-Match": tag},
        "organizer": administration.sign_in.signed_in(user.identity, "organizer"),
        "provisioning client": {"Authorization": f"Bearer {TOKEN}"},
        "nobody": {},
    }
    provisioned = await Client(administration.service.http).created()
    known = {
        "user": [str(user.id), user.identity],
        "mode": ["both_must_allow"],
        "user_id": [provisioned["id"]],
        "filter": [f'userName eq "{provisioned["userName"]}"'],
    }
    return await asked_of(administration.service.http, known, headers[request.param])


@examples
@given(data=st.data())
async def test_whatever_is_sent_to_policy_is_answered_as_the_document_says(
    administration: Administration, asked: Asked, data: st.DataObject
) -> None:
    await check_answer(administration.service.http, asked, data)
