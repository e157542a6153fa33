"""Another site on this machine, whose pages show a meeting type in a frame."""

import html
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class ForeignSite:
    """A site with pages of its own; `localhost` is another site than the product's `127.0.0.1`."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        """Return the site's origin."""
        return f"http://localhost:{self.port}"

    @property
    def same_site_origin(self) -> str:
        """Return the origin under which browsers take the site for a part of the product's."""
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, body: str) -> str:
        """Serve a page with this body; return its address."""
        self.pages[path] = (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Bridges</title>"
            "<link rel='icon' href='data:,'></head><body><header>Bridge builders</header><main>"
            f"<h1>Talk to us</h1>{body}</main><footer>Since 1907</footer></body></html>"
        )
        return f"{self.origin}{path}"


def plain_frame(url: str) -> str:
    """Return what a site pastes that takes no script."""
    return (
        f'<iframe src="{html.escape(url)}?frame=yes" title="Book a meeting" width="100%"'
        ' height="900" style="border: 0"></iframe>'
    )


def with_script(url: str, script: str) -> str:
    """Return what a site pastes that takes the script."""
    return (
        f'<div data-bookwith><a href="{html.escape(url)}">Book a meeting</a></div>'
        f'<script src="{html.escape(script)}" async></script>'
    )


@contextmanager
def foreign_site() -> Iterator[ForeignSite]:
    """Serve a site on a free port."""
    pages: dict[str, str] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(urlsplit(self.path).path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield ForeignSite(server.server_address[1], pages)
        server.shutdown()
        thread.join()
