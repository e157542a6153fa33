"""What `bookwith doctor` finds out about our client at the OpenID provider, and what it says."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from deploy.local.sign_in_probe import why_the_client_is_refused
from tests.component.openid_mock import openid_mock

CLIENT, SECRET, PAGES = "bookings", "a secret/with: signs", "https://meet.example/book"
BACK = f"{PAGES}/sign-in/callback"


@contextmanager
def strict_provider(*, form_only: bool = False) -> Iterator[str]:
    """Serve a provider that knows one client, as RFC 6749 has it; yield its issuer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query)
            known = asked.get("client_id") == [CLIENT] and asked.get("redirect_uri") == [BACK]
            if self.path.startswith("/.well-known"):
                base = f"http://{self.headers['Host']}"
                methods = ["client_secret_post" if form_only else "client_secret_basic"]
                self._answer(
                    200,
                    {
                        "issuer": base,
                        "authorization_endpoint": f"{base}/authorize",
                        "token_endpoint": f"{base}/token",
                        "token_endpoint_auth_methods_supported": methods,
                    },
                )
            else:
                self._answer(200 if known else 400, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {name: value[0] for name, value in parse_qs(body).items()}
            said = f"{fields.get('client_id')}:{fields.get('client_secret')}"
            if (basic := self.headers.get("Authorization")) is not None:
                said = base64.b64decode(basic.removeprefix("Basic ")).decode()
            right = f"{CLIENT}:{SECRET if form_only else quote(SECRET, safe='')}"
            error = "invalid_grant" if said == right else "invalid_client"
            self._answer(400 if said == right else 401, {"error": error})

        def _answer(self, status: int, document: dict[str, object]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def settings(issuer: str, **changes: str) -> dict[str, str]:
    """Return what a service runs with."""
    return {
        "BOOKWITH_OIDC_ISSUER": issuer,
        "BOOKWITH_OIDC_CLIENT_ID": CLIENT,
        "BOOKWITH_OIDC_CLIENT_SECRET": SECRET,
        "BOOKWITH_PUBLIC_URL": PAGES,
        **changes,
    }


@pytest.mark.parametrize("form_only", [False, True])
def test_a_client_that_the_provider_knows_is_no_finding(form_only: bool) -> None:
    with strict_provider(form_only=form_only) as issuer:
        assert why_the_client_is_refused(settings(issuer)) is None


@pytest.mark.parametrize("form_only", [False, True])
@pytest.mark.parametrize("secret", ["another", ""])
def test_a_secret_that_is_refused_is_named_with_what_to_set(secret: str, form_only: bool) -> None:
    with strict_provider(form_only=form_only) as issuer:
        refused = why_the_client_is_refused(settings(issuer, BOOKWITH_OIDC_CLIENT_SECRET=secret))

    assert refused is not None
    assert refused.found.startswith(f"refuses the client {CLIENT}")
    assert "(invalid_client)" in refused.found
    assert "BOOKWITH_OIDC_CLIENT_SECRET" in refused.remedy
    assert "bookwith up" in refused.remedy
    assert not secret or secret not in f"{refused}"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        (
            {"BOOKWITH_PUBLIC_URL": "https://other.example"},
            "https://other.example/sign-in/callback",
        ),
        ({"BOOKWITH_PAGES_URL": "https://a.example/"}, "https://a.example/sign-in/callback"),
        ({"BOOKWITH_OIDC_CLIENT_ID": "booking"}, BACK),
    ],
)
def test_an_address_that_is_not_entered_at_the_provider_is_named(
    changes: dict[str, str], named: str
) -> None:
    with strict_provider() as issuer:
        refused = why_the_client_is_refused(settings(issuer, **changes))

    assert refused is not None
    assert named in refused.found
    assert f"Enter {named} as a redirect address" in refused.remedy


def test_the_local_provider_takes_us_and_one_that_is_away_is_told_elsewhere(tmp_path: Path) -> None:
    with openid_mock(tmp_path) as issuer:
        assert why_the_client_is_refused(settings(issuer)) is None
    assert why_the_client_is_refused(settings(issuer)) is None
