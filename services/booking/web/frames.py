"""Pages in a frame of another site: how a request says that its page is shown in one."""

from fastapi import Request

# In the address of a page that is shown in a frame.
FRAME, FRAMED = "frame", "yes"
# The elements of another site's page that show a page of ours.
_ELEMENTS = ("iframe", "frame", "embed", "object")


def is_framed(request: Request) -> bool:
    """Tell whether the page is shown in a frame: the browser knows, else the address says so.

    Browsers say nothing at an address without TLS that is not of the visitor's own machine.
    """
    shown_in = request.headers.get("sec-fetch-dest")
    if shown_in is not None:
        return shown_in in _ELEMENTS
    return request.query_params.get(FRAME) == FRAMED


def note_frame_origins(request: Request, origins: tuple[str, ...]) -> None:
    """Note which origins may frame what comes of the request, also if it is a problem."""
    request.state.frame_origins = origins


def noted_frame_origins(request: Request) -> tuple[str, ...] | None:
    """Return the origins that were noted; None before it was known what the request is about."""
    origins: tuple[str, ...] | None = getattr(request.state, "frame_origins", None)
    return origins
