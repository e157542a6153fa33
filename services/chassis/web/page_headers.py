"""The headers of every page: nothing of other sites is loaded, nothing is kept or indexed.

No other site may show a page in a frame but those whose origins are named for it.
"""

from collections.abc import Mapping, Sequence

_CONTENT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
# Every page may show what belongs to one visitor, and its address may open something.
PAGE_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _CONTENT.format("'none'"),
    # What browsers of before `frame-ancestors` obey.
    "X-Frame-Options": "DENY",
    # To ourselves only: without any, browsers hide from us as well where a form was sent from.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language, Cookie, Sec-Fetch-Dest",
}


def page_headers(frame_origins: Sequence[str] = ()) -> dict[str, str]:
    """Return the headers of a page that those origins, and no other site, may show in a frame."""
    headers = dict(PAGE_HEADERS)
    if frame_origins:
        headers["Content-Security-Policy"] = _CONTENT.format(" ".join(frame_origins))
        del headers["X-Frame-Options"]  # it can name no origins: nobody could show the page
    return headers
