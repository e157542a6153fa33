"""The local OpenID provider: `oidc-provider-mock` with the demo organization's people.

Its signing key and tokens are kept on the disk, so that they stay valid after a restart.
"""

import json
import logging
import os
import signal
import sys
import warnings
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlencode

# Both before the provider is imported: it is reached by plain HTTP here, and its own warnings
# about deprecated calls are not for our log.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
warnings.filterwarnings("ignore")

import flask  # noqa: E402
import jinja2  # noqa: E402
import werkzeug.serving  # noqa: E402
from authlib import jose  # noqa: E402
from oidc_provider_mock import User, app  # noqa: E402
from oidc_provider_mock._storage import AccessToken, Storage  # noqa: E402
from werkzeug.wrappers import Response  # noqa: E402

from deploy.local.people import ROLES, SIGN_IN_NAMES, claims  # noqa: E402

PAGES = Path(__file__).parent / "oidc_pages"
TOKEN_AGE = timedelta(hours=8)


class TokenFile:
    """The provider's signing key and access tokens on the disk."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / "tokens.json"
        self._restored = False

    def restore(self, storage: Storage) -> None:
        """Load what was saved into the provider, once."""
        if self._restored:
            return
        self._restored = True
        if not self._path.exists():
            return
        document = json.loads(self._path.read_text())
        storage.jwk = jose.RSAKey.import_key(document["jwk"])
        for token in document["tokens"]:
            expires_at = datetime.fromisoformat(token.pop("expires_at"))
            storage.store_access_token(AccessToken(**token, expires_at=expires_at))

    def save(self, storage: Storage) -> None:
        """Save what must stay valid after a restart; expired tokens are left out."""
        tokens: list[dict[str, Any]] = [
            asdict(token) | {"expires_at": token.expires_at.isoformat()}
            for token in storage.access_tokens()
            if token.expires_at > datetime.now(UTC)
        ]
        unfinished = self._path.with_suffix(".new")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump({"jwk": storage.jwk.as_dict(is_private=True), "tokens": tokens}, file)
        unfinished.replace(self._path)


def provider(folder: Path) -> flask.Flask:
    """Return the provider as an application."""
    users = [User(sub=name, claims=claims(name) or {}) for name in SIGN_IN_NAMES]
    application: flask.Flask = app(user_claims=users, access_token_max_age=TOKEN_AGE)
    # The provider wraps itself in a debugger that runs code from the browser.
    application.debug = False
    debugged: Any = application.wsgi_app
    application.wsgi_app = debugged.app  # type: ignore[method-assign] # as the provider itself does
    # Our own sign-in form: the provider's loads its look from another site.
    application.jinja_loader = jinja2.ChoiceLoader(
        [jinja2.FileSystemLoader(PAGES), jinja2.PackageLoader("oidc_provider_mock")]
    )
    people = [(name, ", ".join(ROLES[name])) for name in SIGN_IN_NAMES]
    application.context_processor(lambda: {"demo_people": people})
    token_file = TokenFile(folder)

    @application.before_request
    def add_person() -> None:
        storage: Storage = flask.g.oidc_provider_mock_storage
        token_file.restore(storage)
        name = flask.request.form.get("sub", "")
        if (known := claims(name)) is not None:
            storage.store_user(User(sub=name, claims=known))

    @application.before_request
    def deny() -> Response | None:
        """Say no as RFC 6749 has it: the provider's own refusal forgets the state."""
        asked = flask.request.args
        if flask.request.form.get("action") != "deny" or "redirect_uri" not in asked:
            return None
        said = urlencode({"error": "access_denied", "state": asked.get("state", "")})
        return flask.redirect(f"{asked['redirect_uri']}?{said}")

    @application.after_request
    def save_new_tokens(response: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/token":
            token_file.save(flask.g.oidc_provider_mock_storage)
        return response

    return application


class WithoutRequestLog(werkzeug.serving.WSGIRequestHandler):
    """One connection; its line in the log would show codes and tokens."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main() -> None:
    """Serve until asked to stop: `python -m deploy.local.oidc HOST PORT FOLDER`."""
    _, host, port, folder = sys.argv
    logging.basicConfig(level=logging.WARNING)
    signal.signal(signal.SIGTERM, _exit)
    server = werkzeug.serving.make_server(
        host, int(port), provider(Path(folder)), threaded=True, request_handler=WithoutRequestLog
    )
    server.serve_forever()


def _exit(signum: int, frame: object) -> NoReturn:
    sys.exit(0)


if __name__ == "__main__":
    main()
