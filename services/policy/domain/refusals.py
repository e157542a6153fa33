"""What the policy service refuses, in words for the administrator."""


class Refusal(Exception):
    """A rule forbids the command; its text is a sentence for whoever asked."""


class ReasonMissing(Refusal):
    """A change without a reason; `pointer` is the place in the request that lacks it."""

    pointer = "/reason"

    def __init__(self) -> None:
        super().__init__("Say why: every change of a policy is kept with its reason.")
