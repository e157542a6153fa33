"""The scenes of organizers: each leads the signed-in organizer's browser to one of their pages."""

from uuid import uuid4

from tests.e2e import browser
from tests.screens.scenes import Scene, Stage

ORGANIZER = "/organizer"
BOOKINGS = f"{ORGANIZER}/bookings"
ORGANIZERS: dict[str, Scene] = {}


def scene(played: Scene) -> Scene:
    """Keep the scene under its name."""
    ORGANIZERS[played.__name__.replace("_", "-")] = played
    return played


async def sign_in(stage: Stage, name: str = "") -> None:
    """Sign in at the local provider, which asks for no password."""
    who = name or stage.shown.organizer.name
    await browser.sign_in(stage.page, f"{stage.base}{ORGANIZER}", who)


def _newcomer() -> str:
    """Return the name of somebody who has no page yet."""
    return f"organizer-{100_000 + uuid4().int % 900_000}"


async def _booked(stage: Stage) -> str:
    """Book two meetings and ask for one, then sign in; return the id of the first."""
    first = await stage.book("introduction")
    await stage.book("introduction")
    await stage.book("approved")
    await sign_in(stage)
    return first


@scene
async def organizer_welcome(stage: Stage) -> None:
    await sign_in(stage, _newcomer())
    await stage.open(ORGANIZER)


@scene
async def organizer_welcome_hours(stage: Stage) -> None:
    await sign_in(stage, _newcomer())
    await stage.press("form[action*=welcome] button")
    await stage.open(f"{ORGANIZER}/welcome/hours")


@scene
async def organizer_regular_hours(stage: Stage) -> None:
    await sign_in(stage)
    await stage.open(f"{ORGANIZER}/page/hours")


@scene
async def organizer_overview(stage: Stage) -> None:
    await _booked(stage)
    await stage.open(ORGANIZER)


@scene
async def organizer_types(stage: Stage) -> None:
    await sign_in(stage)
    await stage.open(f"{ORGANIZER}/types")


@scene
async def organizer_editor(stage: Stage) -> None:
    await sign_in(stage)
    await stage.open(f"{ORGANIZER}/types/{stage.shown.kinds['consultation']['id']}")
    for summary in await stage.page.locator("details.group:first-of-type summary").all():
        await summary.click()


@scene
async def organizer_links(stage: Stage) -> None:
    await stage.shown.link("in-depth", label="For the board", max_uses=5)
    await sign_in(stage)
    await stage.open(f"{ORGANIZER}/types/{stage.shown.kinds['in-depth']['id']}/links")


@scene
async def organizer_bookings(stage: Stage) -> None:
    await _booked(stage)
    await stage.open(BOOKINGS)


@scene
async def organizer_list(stage: Stage) -> None:
    await _booked(stage)
    await stage.open(f"{BOOKINGS}/list")


@scene
async def organizer_booking(stage: Stage) -> None:
    id_ = await _booked(stage)
    await stage.open(f"{BOOKINGS}/{id_}")


@scene
async def organizer_steps(stage: Stage) -> None:
    id_ = await _booked(stage)
    await stage.open(f"{BOOKINGS}/{id_}/steps")


@scene
async def organizer_cancel_several(stage: Stage) -> None:
    await _booked(stage)
    await stage.open(BOOKINGS)
    await stage.press(".day-heading a")


@scene
async def organizer_offer_times(stage: Stage) -> None:
    await sign_in(stage)
    await stage.open(f"{ORGANIZER}/offers/new/{stage.shown.kinds['introduction']['id']}/30")
    await stage.press("button[name=go] >> nth=-1")
    for box in (1, 4, 9):
        await stage.page.locator(".choices.even label").nth(box).click()


@scene
async def organizer_offer(stage: Stage) -> None:
    await organizer_offer_times(stage)
    await stage.page.locator("#name").fill("Nina")
    await stage.page.locator("#email").fill("nina@visitors.example")
    await stage.press("form.details .actions .button")


@scene
async def organizer_why(stage: Stage) -> None:
    await sign_in(stage)
    await stage.open(f"{ORGANIZER}/why")
    await stage.page.locator("#time").fill("07:00")
    await stage.press("main form .button")


@scene
async def organizer_settings(stage: Stage) -> None:
    await sign_in(stage)
    await stage.open(f"{ORGANIZER}/page")
