"""What services are measured against: `python -m benchmarks.anchor_service PORT DATABASE_URL`.

Starlette without anything of ours around it, on the server, the loop and the pool that services
run on: one route that answers at once, and one that asks the database for `SELECT 1`.
"""

import sys

import structlog
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.chassis.postgres.database import Database, fetch_one, sql
from services.chassis.runtime.process import Process
from services.chassis.runtime.settings import Settings

POOL = Settings.model_fields["database_pool_size"].default
_ONE = sql("SELECT 1 AS one")


def build(port: int, url: str) -> Process:
    database = Database(url, size=POOL)

    async def livez(_: Request) -> JSONResponse:
        return JSONResponse({"service": "anchor", "status": "alive"})

    async def select(_: Request) -> JSONResponse:
        async with database.connection() as connection:
            row = await fetch_one(connection, _ONE)
        return JSONResponse(row)

    app = Starlette(routes=[Route("/livez", livez), Route("/select", select)])
    return Process(open=[database.open], parts=[], close=[database.close], app=app, port=port)


async def serve(port: int, url: str) -> None:
    await build(port, url).serve()


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    uvloop.run(serve(int(sys.argv[1]), sys.argv[2]))
