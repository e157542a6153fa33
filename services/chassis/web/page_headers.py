"""The headers of every page: nothing of other sites is loaded, nothing is kept or indexed."""

_CONTENT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Every page may show what belongs to one visitor, and its address may open something.
PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _CONTENT,
    # To ourselves only: without any, browsers hide from us as well where a form was sent from.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language, Cookie",
}
