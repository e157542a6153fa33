"""An OpenID provider in a thread: it signs access tokens for any person, and serves its keys."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from services.chassis.ids import person_id

AUDIENCE = "bookwith"
NAME = "Anna (Department of Bridges)"
NAMESPACE = UUID("5b0a3c1e-3f0e-4a7e-9d35-1d0a6f6f7a11")

# Takes a request's path, query and headers; returns the JSON of the response.
Answer = Callable[[str, dict[str, str], dict[str, str]], Any]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Serve JSON over HTTP while the block runs; yield the address. None is a 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            found = answer(address.path, query, headers)
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Provider:
    """Signs access tokens; `issuer` is the address at which it serves its keys."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.issuer = ""

    def __call__(self, path: str, _: dict[str, str], __: dict[str, str]) -> Any:
        """Answer discovery and the keys."""
        if path == "/jwks":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._key.public_key()))
            return {"keys": [{**public, "kid": "k1"}]}
        return {"jwks_uri": f"{self.issuer}/jwks", "userinfo_endpoint": f"{self.issuer}/userinfo"}

    def signed_in(self, identity: str, *roles: str, seconds: int = 600) -> dict[str, str]:
        """Return the header of somebody who has just signed in."""
        return self.with_claims(
            sub=identity,
            name=NAME,
            email=f"{identity}@bridges.example",
            roles=roles,
            seconds=seconds,
        )

    def with_claims(self, *, seconds: int = 600, **claims: Any) -> dict[str, str]:
        """Return the header of somebody of whom the provider says this."""
        named = {"iss": self.issuer, "aud": AUDIENCE, "exp": time.time() + seconds}
        claims = {**named, **claims}
        token = jwt.encode(claims, self._key, "RS256", headers={"kid": "k1"})
        return {"Authorization": f"Bearer {token}"}

    @staticmethod
    def id_of(identity: str) -> UUID:
        """Return the id that the person has in all services."""
        return person_id(NAMESPACE, identity)
