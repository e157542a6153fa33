"""What the notifier refuses, in words for whoever asked."""

from services.notifier.domain.delivery import DeliveryStatus


class Refusal(Exception):
    """A rule forbids the command; its text is a sentence for whoever asked."""


class DeliveryNotFound(Refusal):
    """There is no delivery with this id."""

    def __init__(self) -> None:
        super().__init__("There is no such delivery.")


class NothingToRetry(Refusal):
    """The mail is sent, or another one has taken its place."""

    def __init__(self, status: DeliveryStatus) -> None:
        super().__init__(f"The mail is {status}: there is none to send.")
