"""The organizers' pages behind their sign-in, on the running service."""

from tests.component.booking.booking_service import BookingService
from tests.component.booking.browsing import browsing, heading, signed_in


async def test_who_is_signed_in_sees_their_page_and_nobody_else_does(
    service: BookingService,
) -> None:
    organizer = await service.organizer()
    async with signed_in(organizer) as browser, browsing(service) as stranger:
        seen = await browser.get("/organizer")
        refused = await stranger.get("/organizer", follow_redirects=False)

    assert seen.status_code == 200
    assert "Anna (Department of Bridges)" in seen.text
    assert (303, "/sign-in?to=%2Forganizer") == (refused.status_code, refused.headers["location"])


async def test_without_the_role_a_page_says_so_and_offers_another_sign_in(
    service: BookingService,
) -> None:
    async with signed_in(await service.organizer(), "operator") as browser:
        refused = await browser.get("/organizer")

    assert refused.status_code == 403
    assert heading(refused) == "Your account may not use this page"
    assert "/sign-in?to=%2Forganizer&amp;as=somebody-else" in refused.text
