"""Whether a browser sends a form from a page of ours or from another site's."""

from urllib.parse import urlsplit

from starlette.requests import Request


def comes_from_elsewhere(request: Request) -> bool:
    """Return whether the browser says that another site made the request.

    Sec-Fetch-Site is the browser's own judgement. Browsers without it send Origin with each form;
    `null` is that of a page that hides where it comes from, which ours do not. What sends neither
    is no browser, and nobody can be led to use it.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    ours = {_origin(request.app.state.public_url), f"{request.url.scheme}://{request.url.netloc}"}
    return origin.lower() not in ours


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
