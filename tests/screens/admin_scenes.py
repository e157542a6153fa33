"""The scenes of administrators: each leads Ada's browser to one of the pages on policy."""

from tests.e2e import browser
from tests.screens.scenes import Scene, Stage

ADMIN = "/admin"
USER = f"{ADMIN}/users/organizer-610"
ADMINISTRATORS: dict[str, Scene] = {}


def scene(played: Scene) -> Scene:
    """Keep the scene under its name."""
    ADMINISTRATORS[played.__name__.replace("_", "-")] = played
    return played


async def _open(stage: Stage, address: str, name: str = "ada") -> None:
    """Open the page in the window's language, once somebody is signed in."""
    if not await stage.page.context.cookies():
        await browser.sign_in(stage.page, f"{stage.policy}{ADMIN}", name)
    await stage.open(f"{stage.policy}{address}")


async def _choose(stage: Stage, name: str, value: str) -> None:
    await stage.page.locator(f"label:has(input[name={name}][value='{value}'])").click()


async def _plan(stage: Stage, reason: str = "The board wants to try it out first.") -> None:
    await stage.page.locator("#reason").fill(reason)
    await stage.press("#save")


async def _planned_for_user(stage: Stage) -> None:
    """Plan to block the user's pages, or to allow them if they are blocked."""
    await _open(stage, USER)
    policy, listed = stage.page.locator("#ews_application_access_policy"), "*OWSPersonalBookings"
    blocked = await policy.input_value() == "EnforceBlockList"
    await policy.select_option("" if blocked else "EnforceBlockList")
    await stage.page.locator("#ews_block_list").fill("" if blocked else listed)
    await _plan(stage)


@scene
async def admin_overview(stage: Stage) -> None:
    await admin_applied(stage)
    await stage.open(f"{stage.policy}{ADMIN}")


@scene
async def admin_users(stage: Stage) -> None:
    await admin_applied(stage)
    await stage.open(f"{stage.policy}{ADMIN}/users")


@scene
async def admin_user(stage: Stage) -> None:
    await _open(stage, USER)


@scene
async def admin_user_faults(stage: Stage) -> None:
    await _open(stage, USER)
    await stage.page.locator("#ews_block_list").fill("Teams\n***")
    await _choose(stage, "licence", "record")
    await stage.press("#save")


@scene
async def admin_organization(stage: Stage) -> None:
    await _open(stage, f"{ADMIN}/organization")


@scene
async def admin_plan(stage: Stage) -> None:
    await _open(stage, f"{ADMIN}/organization")
    await _choose(stage, "ews_enabled", "off")
    await stage.page.locator("#ews_allow_list").fill("MicrosoftOWSPersonalBookings\nTeams*")
    await _plan(stage)


@scene
async def admin_applied(stage: Stage) -> None:
    await _planned_for_user(stage)
    await stage.press("form[action*=apply] button")


@scene
async def admin_moved(stage: Stage) -> None:
    await _planned_for_user(stage)
    address = stage.page.url
    await admin_applied(stage)
    await stage.page.goto(address)
    await stage.press("form[action*=apply] button")


@scene
async def admin_sharing(stage: Stage) -> None:
    await _open(stage, f"{ADMIN}/sharing")


@scene
async def admin_sharing_policy(stage: Stage) -> None:
    await _open(stage, f"{ADMIN}/sharing/policy?name=Default+Sharing+Policy")


@scene
async def admin_licences(stage: Stage) -> None:
    await _open(stage, f"{ADMIN}/licences")


@scene
async def admin_audit(stage: Stage) -> None:
    await admin_applied(stage)
    await stage.open(f"{stage.policy}{ADMIN}/audit")


@scene
async def admin_change(stage: Stage) -> None:
    await admin_audit(stage)
    await stage.press("main .history a")


@scene
async def admin_role_missing(stage: Stage) -> None:
    await _open(stage, ADMIN, "otto")
