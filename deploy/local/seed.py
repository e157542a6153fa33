"""A demo organization through the public API; run again, it adds only what is missing."""

import os
import sys
from typing import Any

from deploy.local.client import Api, Refused, Unreachable
from deploy.local.people import NoToken, claims, sign_in

OFFICE_HOURS = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
WAIT_SECONDS = 20.0
ORGANIZERS = (
    ("anna", "Introduction", "Meeting room 1, ground floor"),
    ("bo", "Technical interview", "Workshop, second floor"),
)


def main() -> int:
    """Seed the stack that the environment names, and return the exit code."""
    url = f"{os.environ['BOOKWITH_BOOKING_URL']}/api/booking/v1"
    issuer = os.environ["BOOKWITH_OIDC_ISSUER"]
    try:
        for name, title, place in ORGANIZERS:
            token = sign_in(issuer, name).token
            organizer = Api(url, {"Authorization": f"Bearer {token}"}, WAIT_SECONDS)
            page = _page(organizer, name)
            print(f"{name}'s booking page: {page['url']}")
            link = _private_link(organizer, _meeting_types(organizer, title, place))
            print(f"{name}'s private link: {link['url']}")
    except NoToken as error:
        # Another OpenID provider has other people; the stack works without a demo organization.
        print(f"not seeded: {error}")
    except (Refused, Unreachable) as error:
        print(error)
        return 1
    return 0


def _page(organizer: Api, name: str) -> Any:
    page = organizer.get("/page")
    if page is None:
        person = claims(name) or {}
        body = {
            "handle": name,
            "time_zone": person["zoneinfo"],
            "locale": person["locale"],
        }
        page = organizer.send("PUT", "/page", body)
        # Only when the page is new: one that was unpublished later stays unpublished.
        organizer.send("POST", "/page/publish")
    return page


def _meeting_types(organizer: Api, title: str, place: str) -> Any:
    """Make a public and a private type, and return the private one."""
    existing = {each["slug"]: each for each in organizer.get("/meeting-types")["items"]}
    in_person = {"kind": "in_person", "address": place}
    shared = {"hours": "custom", "weekly_hours": OFFICE_HOURS, "location": in_person}
    public = {"title": title, "slug": "introduction", "duration_minutes": 30}
    private = {"title": f"{title}, in depth", "slug": "in-depth", "duration_minutes": 60}
    if "introduction" not in existing:
        organizer.send("POST", "/meeting-types", {**shared, **public, "visibility": "public"})
    return existing.get("in-depth") or organizer.send(
        "POST", "/meeting-types", {**shared, **private, "visibility": "private"}
    )


def _private_link(organizer: Api, meeting_type: Any) -> Any:
    """Return a link that can still be used once."""
    links = f"/meeting-types/{meeting_type['id']}/links"
    usable = [link for link in organizer.get(links)["items"] if link["state"] == "active"]
    if usable:
        return usable[0]
    return organizer.send("POST", links, {"label": "demo", "max_uses": 1})


if __name__ == "__main__":
    sys.exit(main())
