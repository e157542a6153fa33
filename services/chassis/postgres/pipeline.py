"""Pipelines: the statements of a round trip sent together, BEGIN and COMMIT among them.

psycopg's own pipeline makes a cursor for each statement, and its transaction waits after BEGIN
(docs/decisions/0011-pipeline.md); with a cursor for each an append costs 1.6 times the processor
time. The only module that uses private names of psycopg:
docs/reaching-into-libraries.md lists them, tests/unit/chassis/test_private_names.py watches them.
"""

from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Any

from prometheus_client import Counter
from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline, Error, OperationalError
from psycopg._queries import _query2pg
from psycopg.abc import PQGen
from psycopg.adapt import Transformer
from psycopg.errors import PipelineAborted
from psycopg.pq import ConnStatus, PipelineStatus, TransactionStatus

from services.chassis.postgres.round_trips import count_round_trip
from services.chassis.runtime import telemetry

# A statement's text and its values.
Enqueued = tuple[bytes, dict[str, Any]]


class _StatementPipeline(AsyncPipeline):
    """A pipeline that takes statements whose result is discarded without a cursor for each.

    In psycopg's queue of results such a statement stands as its text, so that its error, which
    surfaces at a later fetch or at the end, can name it.
    """

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        super().__init__(connection)
        self._transformer = Transformer(connection)
        self._unprepared: dict[AsyncCursor[Any], bytes] = {}
        self.counted: list[Counter] = []

    async def enqueue(self, text: bytes, values: dict[str, Any]) -> None:
        """Add a statement whose result is discarded."""
        if not self._enqueue_prepared(text, values):
            cursor = await self._conn.execute(text, values, prepare=True)
            self._unprepared[cursor] = text

    def enqueue_unprepared(self, text: bytes) -> None:
        """Add a statement unseen by psycopg, which at a ROLLBACK forgets all it prepared."""
        self.pgconn.send_query_params(text, [])
        self.result_queue.append(None)

    def _enqueue_prepared(self, text: bytes, values: dict[str, Any]) -> bool:
        query, formats, order, _ = _query2pg(text, "utf-8")
        transformer = self._transformer
        params = transformer.dump_sequence([values[name] for name in order or ()], formats)
        name = self._conn._prepared._names.get((query, transformer.types or ()))  # noqa: SLF001
        if name is None:
            return False
        self.pgconn.send_query_prepared(name, params, transformer.formats)
        self.result_queue.append(text)  # type: ignore[arg-type] # read by _process_results alone
        return True

    async def end(self) -> None:
        """Wait for everything that was sent; the first error is raised once all of it is read.

        psycopg's own end sends one message more, and logs the errors that follow a refusal.
        """
        count_round_trip()
        async with self._lock:
            await self._conn.wait(self._end_gen())

    def _end_gen(self) -> PQGen[None]:
        self._enqueue_sync()
        first: Error | None = None
        try:
            yield from self._communicate_gen()
        except Error as error:
            first = error
        try:
            yield from self._fetch_gen(flush=False)
        except Error as error:
            first = first or error
        if first is not None:
            raise first

    def _process_results(self, queued: Any, results: list[Any]) -> None:
        if isinstance(queued, bytes):
            text, queued = queued, None
        else:
            text = self._unprepared.get(queued[0], b"") if queued else b""
        try:
            super()._process_results(queued, results)
        except PipelineAborted:
            raise
        except Error as error:
            if text:
                telemetry.note(error, f"in the statement enqueued before: {_shortened(text)}")
            raise


def _shortened(text: bytes) -> str:
    return " ".join(text.decode().split())[:120]


class Pipeline:
    """What is enqueued inside leaves together; its error is raised by a fetch, or at the end."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection
        self._outer = connection._pipeline  # noqa: SLF001 -- psycopg has no setting for any of this

    async def __aenter__(self) -> None:
        """Begin, within the pipeline that is under way if there is one."""
        if self._outer is None:
            self._pipeline = _StatementPipeline(self._connection)
            self._connection.pgconn.enter_pipeline_mode()
            self._pipeline.level = 1
            self._connection._pipeline = self._pipeline  # noqa: SLF001

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Wait for all that was enqueued; the first that failed raises."""
        if self._outer is not None:
            if error is None:
                count_round_trip()
                await self._outer.sync()
            return
        try:
            await self._pipeline.end()
        except Error:
            if error is None:  # otherwise it is what the error inside has caused
                raise
        finally:
            self._connection._pipeline = None  # noqa: SLF001
            self._leave()

    def _leave(self) -> None:
        """Leave pipeline mode; a connection that cannot is thrown away by the pool."""
        connection = self._connection.pgconn
        if connection.status == ConnStatus.OK:
            try:
                connection.exit_pipeline_mode()
            except OperationalError:
                connection.finish()


class PipelinedTransaction(Pipeline):
    """A pipeline that is committed at its end, and rolled back by an error.

    Nothing is awaited before the pipeline's own end: whatever fails or is cancelled, the connection
    leaves the pipeline.
    """

    async def __aenter__(self) -> None:
        """Begin: BEGIN goes out with the first statement."""
        assert self._outer is None, "a transaction is never inside another"
        await super().__aenter__()
        self._pipeline.enqueue_unprepared(b"BEGIN")

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """End; PostgreSQL skips what is sent behind a failed statement of the same round trip."""
        try:
            if error is None:
                self._pipeline.enqueue_unprepared(b"COMMIT")
            elif self._connection.pgconn.pipeline_status == PipelineStatus.ON:
                with suppress(OperationalError):  # the pool throws the connection away
                    self._pipeline.enqueue_unprepared(b"ROLLBACK")
        finally:
            try:
                await super().__aexit__(kind, error, at)
            finally:
                if self._connection.info.transaction_status != TransactionStatus.IDLE:
                    await self._roll_back()
        if error is None:
            for counter in self._pipeline.counted:
                counter.inc()

    async def _roll_back(self) -> None:
        with suppress(OperationalError):  # the pool throws the connection away
            await self._connection.rollback()


def count_at_commit(connection: AsyncConnection[Any], counters: Iterable[Counter]) -> None:
    """Increment the counters once the connection's transaction is committed."""
    pipeline = connection._pipeline  # noqa: SLF001
    assert isinstance(pipeline, _StatementPipeline), "only a transaction is counted"
    pipeline.counted.extend(counters)


async def enqueue(connection: AsyncConnection[Any], statements: Iterable[Enqueued]) -> None:
    """Add statements whose result is discarded to the connection's pipeline."""
    pipeline = connection._pipeline  # noqa: SLF001
    assert isinstance(pipeline, _StatementPipeline), "enqueue needs a transaction or a Pipeline"
    for text, values in statements:
        await pipeline.enqueue(text, values)
