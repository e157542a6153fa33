"""What the OpenAPI document says of booking's tokens and of an answer that has to wait."""

from typing import Any

from contracts.capabilities import HELD_DATA, MANAGE, PRIVATE_LINK, VERIFY
from services.chassis.http.documentation import token_header

MANAGE_TOKEN = token_header(
    MANAGE.header, "manage_token", "The token that an attendee holds for a booking."
)
VERIFY_TOKEN = token_header(
    VERIFY.header, "verify_token", "The token that was mailed to prove the attendee's address."
)
LINK_TOKEN = token_header(
    PRIVATE_LINK.header, "link_token", "The token of the private link to a private meeting type."
)
HELD_DATA_TOKEN = token_header(
    HELD_DATA.header, "held_data_token", "The token that was mailed to an attendee who asked."
)
PENDING: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "Held; availability has not answered yet. Ask again with the same key.",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
    }
}
