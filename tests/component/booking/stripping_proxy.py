"""`python -m tests.component.booking.stripping_proxy <port> <path> <upstream>`: a reverse proxy.

It hands on what is under the path, without it, as nginx does with a final slash in `proxy_pass`.
"""

import sys

from aiohttp import ClientSession, DummyCookieJar, web

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


def proxy(path: str, upstream: str) -> web.Application:
    """Return the proxy; whatever is not under the path is not its business."""

    async def hand_on(request: web.Request) -> web.Response:
        if not request.raw_path.startswith(f"{path}/"):
            return web.Response(status=421, text="not under the path")
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP]
        address = upstream + request.raw_path.removeprefix(path)
        async with (
            ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False) as session,
            session.request(
                request.method,
                address,
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer,
        ):
            response = web.Response(status=answer.status, body=await answer.read())
            response.headers.popall("Content-Type", None)
            for name, value in answer.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    response.headers.add(name, value)
            return response

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", hand_on)
    return app


if __name__ == "__main__":
    web.run_app(
        proxy(sys.argv[2], sys.argv[3]), host="127.0.0.1", port=int(sys.argv[1]), print=None
    )
