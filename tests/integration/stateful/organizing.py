"""What the organizer, the administrators and the clock do: types, links, the page, timers."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal, Self

from services.booking.domain import page
from services.booking.domain.private_link.details import NOTHING_NOTED
from services.booking.domain.private_link.limits import Limits
from services.booking.meeting_types.commands import change_type, delete_type
from services.booking.page.commands import change_page
from services.booking.page.decisions import Denial, allow_pages, deny_pages
from services.booking.private_links.commands import issue_link, revoke_link
from services.chassis.events.retries import run_with_retries
from services.chassis.postgres.database import Connection
from services.chassis.runtime.cause import current_cause
from tests.integration.stateful.commands import ORGANIZER, Command, kind_id, link_id
from tests.integration.stateful.model import Due, Link, Model
from tests.integration.stateful.process import Process


@dataclass(frozen=True)
class ChangeKind(Command):
    """Change one field of a meeting type."""

    kind: str
    field: str
    value: Any

    async def run(self, process: Process) -> object:
        def work(connection: Connection) -> Any:
            changed = {self.field: self.value}
            return change_type(
                connection,
                kind_id(self.kind),
                ORGANIZER,
                lambda settings: replace(settings, **changed),
                None,
            )

        return await run_with_retries(process.database, work)

    def predict(self, model: Model) -> str:
        kind = model.kinds[self.kind]
        if kind.is_deleted:
            return "NotFound"
        kind.settings = replace(kind.settings, **{self.field: self.value})
        if kind.settings.visibility == "public":
            _end_links(model, self.kind, "type_made_public")
        return "Done"


@dataclass(frozen=True)
class DeleteKind(Command):
    """Delete a meeting type; its bookings stay."""

    kind: str

    async def run(self, process: Process) -> object:
        return await run_with_retries(
            process.database, lambda c: delete_type(c, kind_id(self.kind), ORGANIZER)
        )

    def predict(self, model: Model) -> str:
        model.kinds[self.kind].is_deleted = True
        _end_links(model, self.kind, "type_deleted")
        return "Done"


def _end_links(model: Model, kind: str, reason: str) -> None:
    for number, link in model.links.items():
        if link.kind == kind:
            model.end_link(number, reason)


@dataclass(frozen=True)
class IssueLink(Command):
    """Issue a private link."""

    kind: str
    max_uses: int
    lifetime: timedelta
    number: int = 0

    def aimed(self, model: Model, numbers: list[int]) -> Self | None:
        """Return the command with a number of its own."""
        number = max([*numbers, *model.links, 0]) + 1
        numbers.append(number)
        return replace(self, number=number)

    async def run(self, process: Process) -> object:
        async def work(connection: Connection) -> object:
            return await issue_link(
                connection,
                link_id(self.number),
                ORGANIZER,
                kind_id(self.kind),
                lambda now: Limits(max_uses=self.max_uses, expires_at=now + self.lifetime),
                NOTHING_NOTED,
                60,
            )

        return await run_with_retries(process.database, work)

    def predict(self, model: Model) -> str:
        kind = model.kinds[self.kind]
        if kind.is_deleted:
            return "NotFound"
        if kind.settings.visibility == "public":
            return "StateConflict"
        model.links[self.number] = Link(self.kind, self.max_uses, model.now + self.lifetime)
        return "Done"


@dataclass(frozen=True)
class RevokeLink(Command):
    """Withdraw a link: until it is aimed, `link` counts back from the newest one."""

    link: int

    def aimed(self, model: Model, numbers: list[int]) -> Self | None:
        """Return the command on one of the links that are there."""
        there = sorted(model.links, reverse=True)
        return replace(self, link=there[self.link % len(there)]) if there else None

    async def run(self, process: Process) -> object:
        return await run_with_retries(
            process.database, lambda c: revoke_link(c, link_id(self.link), ORGANIZER, None)
        )

    def predict(self, model: Model) -> str:
        model.end_link(self.link, "revoked")
        return "Done"


@dataclass(frozen=True)
class TurnPage(Command):
    """The policy withdraws or grants access; the organizer takes the page offline or online."""

    to: Literal["denied", "allowed", "unpublished", "published"]

    async def run(self, process: Process) -> object:
        def work(connection: Connection) -> Any:
            match self.to:
                case "denied":
                    denial = Denial(ORGANIZER, "ews_enabled", current_cause())
                    return deny_pages(connection, [denial])
                case "allowed":
                    return allow_pages(connection, {ORGANIZER: current_cause()})
                case "unpublished":
                    return change_page(connection, ORGANIZER, page.UnpublishPage())
                case "published":
                    return change_page(connection, ORGANIZER, page.PublishPage())

        return await run_with_retries(process.database, work)

    def predict(self, model: Model) -> str:
        if self.to in ("published", "unpublished"):
            model.is_published = self.to == "published"
            return "Done"
        model.is_allowed = self.to == "allowed"
        if not model.is_allowed:
            for number, each in model.bookings.items():
                if each.status in ("held", "unverified"):
                    model.end(number, "released", "policy_disabled")
                elif each.status == "requested":
                    model.end(number, "declined", "policy_disabled")
                else:
                    each.move = None
        return "Done"


# The names that sort the other way round.
_OTHER_ORDER = {"link_holds": "~link_holds", "taken": "taken"}


@dataclass(frozen=True)
class FireTimers(Command):
    """Fire what is due."""

    async def run(self, process: Process) -> object:
        while await process.timers.fire_one():
            pass
        return None

    def predictions(self, model: Model) -> list[tuple[str, Model]]:
        """Return both orders of timers that became due at one moment.

        A deadline may be among them: a hold that is over as its link has ended is released by
        whichever of both timers is first, with its reason.
        """
        reversed_ = model.copy()
        reversed_.due = [replace(each, what=_OTHER_ORDER[each.what]) for each in model.due]
        links_first = model.copy()
        for due in sorted(each for each in model.due if each.what.endswith("link_holds")):
            self._fire(links_first, due)
        return [
            *super().predictions(model),
            *super().predictions(reversed_),
            *super().predictions(links_first),
        ]

    def predict(self, model: Model) -> str:
        for number in model.bookings:
            model.settle(number)
        for number, link in model.links.items():
            if model.now >= link.expires_at:
                model.end_link(number, "ttl")
        for due in sorted(model.due):
            self._fire(model, due)
        model.due.clear()
        return "Done"

    def _fire(self, model: Model, due: Due) -> None:
        if due.what.endswith("link_holds"):
            for number, each in model.bookings.items():
                if each.link == due.of and each.status == "held":
                    model.end(number, "released", "released")
        else:
            each = model.bookings[due.of]
            if each.status == "unverified" and model.takers(each.start, each.minutes, due.of):
                model.end(due.of, "released", "taken")
