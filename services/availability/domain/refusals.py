"""What availability refuses to show, in words for whoever asked."""

from collections.abc import Sequence


class Refusal(Exception):
    """A rule forbids the answer; its text is a sentence for whoever asked."""


class MeetingTypeNotFound(Refusal):
    """There is no such type, or the caller must not know that there is."""

    def __init__(self) -> None:
        super().__init__("There is no such meeting type.")


class BookingNotFound(Refusal):
    """The manage token does not belong to the booking that is moved."""

    def __init__(self) -> None:
        super().__init__("There is no such booking.")


class PageNotAvailable(Refusal):
    """The page is unpublished, or the policy does not allow it."""

    def __init__(self) -> None:
        super().__init__("This page is not available right now.")


class LinkSuspended(PageNotAvailable):
    """The private link leads to such a page; it works again with the page."""


class LinkEnded(Refusal):
    """The private link will never work again, for the reason given."""

    def __init__(self, reason: str) -> None:
        super().__init__("This link no longer works; ask for a new one.")
        self.reason = reason


class LinkNotArrived(Refusal):
    """The private link is genuine, but booking's event about it has not arrived yet."""

    def __init__(self) -> None:
        super().__init__(
            "This link is so new that its times are not here yet; try again in a moment."
        )


class DurationNotOffered(Refusal):
    """The meeting type has no such duration."""

    def __init__(self, offered: Sequence[int]) -> None:
        super().__init__(f"Must be one of this meeting's: {', '.join(map(str, offered))}.")
