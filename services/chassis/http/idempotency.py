"""Idempotency-Key: the same key and body give the same answer for a day, whatever was lost between.

A key is claimed, with the id of whatever the command may create, before the command runs. If the
process dies between, the next request with the key takes over and finds the thing under that id.
Answers hold tokens and personal data, so they are kept sealed: who has the database but not the
key that the client chose, or not the deployment's key ring, reads nothing.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from uuid import UUID

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.problem_types import (
    IDEMPOTENCY_KEY_REUSED,
    INVALID,
    REQUEST_IN_PROGRESS,
    STATE_CONFLICT,
    UNAVAILABLE,
)
from services.chassis.http.problems import Problem, response
from services.chassis.http.response_buffer import BufferedResponse, buffer_response
from services.chassis.http.route_table import RouteTable
from services.chassis.identity.bearer import Principal
from services.chassis.identity.capability_tokens import KeyRing
from services.chassis.ids import new_id
from services.chassis.postgres.database import (
    PASSING_FAULTS,
    Database,
    Prepared,
    execute,
    fetch_one,
    sql,
)
from services.chassis.runtime.crash_points import reach

LOCK_SECONDS = 10
FREE_SECONDS = 0.3
KEPT_HEADERS = ("content-type", "etag", "location", "retry-after")
# Not remembered: what a moment, a budget or another token may change.
PASSING_STATUSES = (202, 401, 429)
# Not remembered either: what was refused before anything was done, and is refused again for the
# same reason. No row is kept for it: who is not signed in could fill the table with them.
INVALID_STATUSES = (400, 401, 405, 413, 415, 422)
# A longer answer is made again, under the same id, rather than kept.
KEPT_BYTES = 64 * 1024
# Those that are read since later count where they are sent: keys of before are found again.
FIRST_TOKEN_HEADERS = 2
READS = ("GET", "HEAD", "OPTIONS")

# Tells who sent an Authorization header; raises the problem of one that names nobody.
WhoSent = Callable[[str | None], Awaitable[Principal]]

# Claims the key, or takes over one whose holder has gone; returns what stands there otherwise.
_CLAIM = sql("""
    WITH claimed AS (
        INSERT INTO idempotency_keys AS k (scope, fingerprint, minted_id, locked_until)
        VALUES (%(scope)s, %(fingerprint)s, %(minted_id)s,
            clock_timestamp() + %(seconds)s * interval '1 second')
        ON CONFLICT (scope) DO UPDATE SET locked_until = excluded.locked_until
        WHERE k.fingerprint = excluded.fingerprint AND k.status IS NULL
            AND (k.locked_until IS NULL OR k.locked_until < clock_timestamp())
        RETURNING minted_id)
    SELECT true AS claimed, minted_id, NULL AS fingerprint, NULL::integer AS status,
        NULL::bytea AS answer
    FROM claimed
    UNION ALL
    SELECT false, minted_id, fingerprint, status, answer
    FROM idempotency_keys
    WHERE scope = %(scope)s AND NOT EXISTS (SELECT 1 FROM claimed)
""")
_REMEMBER = sql("""
    UPDATE idempotency_keys
    SET status = %(status)s, answer = %(answer)s, locked_until = NULL
    WHERE scope = %(scope)s
""")
_RELEASE = sql("DELETE FROM idempotency_keys WHERE scope = %(scope)s AND status IS NULL")
_UNLOCK = sql("UPDATE idempotency_keys SET locked_until = NULL WHERE scope = %(scope)s")
_FORGET_OLD = sql("""
    DELETE FROM idempotency_keys WHERE created_at < clock_timestamp() - interval '24 hours'
""")


class Idempotency:
    """ASGI middleware: commands that carry an Idempotency-Key run once."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        database: Database,
        keys: KeyRing,
        who_sent: WhoSent,
        token_headers: Sequence[str] = (),
        routes: RouteTable | None = None,
    ) -> None:
        self._app = app
        self._database = database
        self._keys = keys
        self._who_sent = who_sent
        self._token_headers = token_headers
        self._routes = routes
        self._freeing: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or run the command and remember its answer."""
        scope.setdefault("state", {})["minted_id"] = new_id()
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        key = headers.get("idempotency-key")
        # Forms of pages carry a key of their own, and their answers set cookies.
        commands = "/api/" in scope.get("path", "") and scope["method"] not in READS
        if key is None or not commands or not self._takes(scope):
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answered(scope, headers, key, receive)
        except Problem as problem:
            await response(problem)(scope, receive, send)
            return
        await answer.send_to(send)

    def _takes(self, scope: Scope) -> bool:
        """Whether there is a route for it; what is not there leaves no trace."""
        return self._routes is None or scope["method"] in self._routes.methods(scope)

    async def _answered(
        self, scope: Scope, headers: Headers, key: str, receive: Receive
    ) -> BufferedResponse:
        if not 20 <= len(key) <= 200:
            raise Problem(
                INVALID,
                "An Idempotency-Key has 20 to 200 characters; a UUID will do.",
                errors=[{"pointer": "#/header/Idempotency-Key", "detail": "20 to 200 characters"}],
            )
        body = await _read(receive)
        caller = await self._caller(headers)
        place = _digest(f"{caller}\n{scope['method']} {scope['path']}\n{key}".encode())
        claim = await self._claim(place, key, _digest(body), scope["state"]["minted_id"])
        if isinstance(claim, BufferedResponse):
            return claim
        # Whoever takes a key over knows nothing of what was done under its id: that is kept.
        is_first, scope["state"]["minted_id"] = claim == scope["state"]["minted_id"], claim
        try:
            answer = await self._run(scope, body)
        except BaseException:
            await self._soon(_UNLOCK, place)  # an unforeseen fault is not remembered
            raise
        reach("http.answering")
        if answer.status in INVALID_STATUSES and is_first:
            await self._soon(_RELEASE, place)
        elif not _is_kept(answer):
            await self._soon(_UNLOCK, place)
        else:
            sealed = self._keys.seal(_written(answer), key)
            async with self._database.connection() as connection:
                await execute(
                    connection, _REMEMBER, scope=place, status=answer.status, answer=sealed
                )
        return answer

    async def _caller(self, headers: Headers) -> str:
        """Return who asks: a person whatever token they hold today, or these tokens' holder."""
        sent = headers.get("authorization")
        person = sent or ""
        if sent:
            try:
                person = str((await self._who_sent(sent)).id)
            except Problem as refused:
                if refused.type == UNAVAILABLE:  # tomorrow's token would be somebody else's key
                    raise
                # The route refuses it, or does not care.
        given = [headers.get(name, "") for name in self._token_headers]
        while len(given) > FIRST_TOKEN_HEADERS and not given[-1]:
            given.pop()
        return "\n".join([person, *given])

    async def _soon(self, statement: Prepared, place: str) -> None:
        """Give the key free; a database that hangs does not hold the answer up a second time."""
        freeing = asyncio.create_task(self._free(statement, place))
        self._freeing.add(freeing)
        freeing.add_done_callback(self._freeing.discard)
        await asyncio.wait([freeing], timeout=FREE_SECONDS)

    async def _free(self, statement: Prepared, place: str) -> None:
        with suppress(*PASSING_FAULTS):  # then the claim ends by itself
            async with self._database.connection() as connection:
                await execute(connection, statement, scope=place)

    async def _claim(
        self, place: str, key: str, fingerprint: str, minted_id: UUID
    ) -> UUID | BufferedResponse:
        async with self._database.connection() as connection:
            row = await fetch_one(
                connection,
                _CLAIM,
                scope=place,
                fingerprint=fingerprint,
                minted_id=minted_id,
                seconds=LOCK_SECONDS,
            )
        if row is not None and row["claimed"]:
            minted: UUID = row["minted_id"]
            return minted
        # A key claimed by a transaction that this statement could not see yet is under way too.
        if row is not None and row["fingerprint"] != fingerprint:
            raise Problem(
                IDEMPOTENCY_KEY_REUSED,
                "This key came with a different request before. Use a new key for a new request.",
            )
        if row is None or row["status"] is None:
            raise Problem(
                REQUEST_IN_PROGRESS,
                "The same request is still under way. Ask again in a moment with the same key.",
                headers={"Retry-After": "1"},
                retry_after_seconds=1,
            )
        return self._given_again(row["status"], row["answer"], key)

    def _given_again(self, status: int, sealed: bytes, key: str) -> BufferedResponse:
        text = self._keys.unseal(sealed, key)
        if text is None:
            raise Problem(
                STATE_CONFLICT,
                "This was done, but its answer can no longer be read. Look at what it made.",
            )
        written = json.loads(text)
        headers = [(name.encode(), value.encode()) for name, value in written["headers"]]
        body = written["body"].encode()
        return BufferedResponse(status, [*headers, (b"idempotent-replayed", b"true")], body)

    async def _run(self, scope: Scope, body: bytes) -> BufferedResponse:
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def nowhere(_: Message) -> None: ...

        answer = await buffer_response(self._app, scope, replay, nowhere, lambda _: True)
        assert answer is not None, "the application has answered nothing"
        return answer


async def forget_old_keys(database: Database) -> None:
    """Delete the keys whose day is over."""
    async with database.connection() as connection:
        await execute(connection, _FORGET_OLD)


def _is_kept(answer: BufferedResponse) -> bool:
    passing = answer.status in (*PASSING_STATUSES, *INVALID_STATUSES) or answer.status >= 500
    return not passing and len(answer.body) <= KEPT_BYTES


def _written(answer: BufferedResponse) -> str:
    headers = [
        (name.decode(), value.decode())
        for name, value in answer.headers
        if name.decode().lower() in KEPT_HEADERS
    ]
    return json.dumps({"headers": headers, "body": answer.body.decode()})


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body.extend(message.get("body", b""))
        if not message.get("more_body"):
            return bytes(body)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
