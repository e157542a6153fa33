"""A form that somebody who is signed in has sent: whose it is, and what it says."""

from starlette.requests import Request

from services.chassis.http.form_fields import fields_of
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.identity.claims import Principal
from services.chassis.identity.form_keys import check_session
from services.chassis.sign_in.gate import LanguageAsked

# The button that shows a form in another language.
ASK = "ask"


async def fields_sent(
    request: Request, principal: Principal, keys: KeyRing, action: str
) -> dict[str, str]:
    """Return the fields of a form that was made for this person, session and action.

    Raises:
        FormFromBefore: it was made in another session, or for something else.
        LanguageAsked: it is only to be shown again, in another language.
    """
    fields = await fields_of(request)
    check_session(keys, fields, principal, action)
    if ASK in fields:
        typed = {name: value for name, value in fields.items() if name != ASK}
        raise LanguageAsked(principal, typed, fields[ASK])
    return fields
