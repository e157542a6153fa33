"""Private names of libraries: an upgrade that moves or changes one fails here, and names it.

docs/reaching-into-libraries.md has a row for each test.
"""

import ast
import asyncio
import inspect
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord
from aiokafka.consumer import fetcher
from aiokafka.partitioner import DefaultPartitioner, murmur2
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.legacy_records import LegacyRecordBatch
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.subscriber.usecase import BatchSubscriber
from psycopg import AsyncConnection, AsyncPipeline, Error, pq
from psycopg._preparing import PrepareManager
from psycopg._queries import PostgresQuery, _query2pg
from psycopg.adapt import PyFormat, Transformer

from services.chassis.messaging.aiokafka_internals import partition_for
from services.chassis.messaging.tolerant_reading import TolerantRecords

ROOT = Path(__file__).parents[3]
# The modules that may reach into a library, each into its own.
REACHING = {
    "services/chassis/postgres/pipeline.py": "psycopg",
    "services/chassis/messaging/aiokafka_internals.py": "aiokafka",
    "services/chassis/messaging/tolerant_reading.py": "aiokafka",
    "services/chassis/messaging/faststream_consumer.py": "faststream",
}
# Before ours takes its place.
aiokafka_partition_records = TolerantRecords.__bases__[0]
OURS = ("services", "contracts", "deploy")


@pytest.fixture
def connection() -> Iterator[AsyncConnection]:
    """A connection of psycopg that never reached a server."""
    pgconn = pq.PGconn.connect_start(b"host=/nowhere")
    yield AsyncConnection(pgconn)
    pgconn.finish()


@pytest.fixture
async def producer() -> AsyncIterator[AIOKafkaProducer]:
    """A producer of aiokafka that was never started."""
    made = AIOKafkaProducer(bootstrap_servers="127.0.0.1:1")
    yield made
    await made.stop()


def parameters(of: object) -> list[str]:
    return list(inspect.signature(of).parameters)  # type: ignore[arg-type]


def test_psycopg_queries_query2pg() -> None:
    query, formats, order, _ = _query2pg(b"SELECT %(a)s, %(b)s, %(a)s", "utf-8")

    assert (b"SELECT $1, $2, $1", ["a", "b"]) == (query, order)
    assert [PyFormat.AUTO] * 2 == formats


def test_psycopg_connection_pipeline(connection: AsyncConnection) -> None:
    assert connection._pipeline is None
    source = inspect.getsource(AsyncConnection.pipeline)
    assert "self._pipeline" in source, "AsyncConnection._pipeline is not what pipeline() sets"


def test_psycopg_connection_prepared_names(connection: AsyncConnection) -> None:
    prepared = connection._prepared
    assert isinstance(prepared, PrepareManager)
    query = PostgresQuery(Transformer())
    query.convert(b"SELECT %(a)s", {"a": 1})
    should, name = prepared.get(query, prepare=True)
    prepared.maybe_add_to_cache(query, should, name)

    assert {(query.query, query.types): name} == dict(prepared._names)
    assert query.query == _query2pg(b"SELECT %(a)s", "utf-8")[0]


def test_psycopg_pipeline_result_queue_level_and_process_results(
    connection: AsyncConnection,
) -> None:
    pipeline = AsyncPipeline(connection)
    failed = connection.pgconn.make_empty_result(pq.ExecStatus.FATAL_ERROR)

    assert (deque(), 0) == (pipeline.result_queue, pipeline.level)
    assert pipeline._conn is connection
    assert ["self", "queued", "results"] == parameters(AsyncPipeline._process_results)
    with pytest.raises(Error):  # None stands for a command whose result is only checked
        pipeline._process_results(None, [failed])


def test_aiokafka_producer_closed(producer: AIOKafkaProducer) -> None:
    assert producer._closed is False
    assert "if self._closed:\n            return" in inspect.getsource(AIOKafkaProducer.stop)


async def test_aiokafka_producer_sender_close(producer: AIOKafkaProducer) -> None:
    sender = producer._sender
    assert ["self"] == parameters(type(sender).close)
    assert "cancel()" in inspect.getsource(type(sender).close), "Sender.close() no longer cancels"
    async with asyncio.timeout(1):
        await sender.close()  # not started: nothing to cancel, nothing sent


async def test_aiokafka_producer_client_close(producer: AIOKafkaProducer) -> None:
    assert inspect.iscoroutinefunction(producer.client.close)


async def test_aiokafka_batch_builder(producer: AIOKafkaProducer) -> None:
    batch = producer.create_batch()

    assert isinstance(batch, BatchBuilder)
    assert batch.append(timestamp=0, key=b"k", value=b"v", headers=[("h", b"1")])
    assert batch.record_count() == 1


def test_aiokafka_partitioner_murmur2() -> None:
    # From the tests of Apache Kafka's own client.
    assert {b"21": -973932308, b"foobar": -790332482} == {
        key: murmur2(key) - (1 << 32) * (murmur2(key) >> 31) for key in (b"21", b"foobar")
    }
    keys = [b"anna", b"bo", b"\x00\xff"]
    assert [DefaultPartitioner()(key, range(12), None) for key in keys] == [
        partition_for(key, 12) for key in keys
    ]
    assert 0 <= partition_for(None, 3) < 3


def test_aiokafka_fetcher_memory_records_and_partition_records() -> None:
    source = inspect.getsource(fetcher.Fetcher._proc_fetch_request)
    assert "records = MemoryRecords(part_data[-1])" in source
    assert "partition_records = PartitionRecords(\n" in source
    assert "records.has_next()" in source
    assert "records.size_in_bytes() > 0" in source
    assert [
        "tp",
        "records",
        "aborted_transactions",
        "fetch_offset",
        "key_deserializer",
        "value_deserializer",
        "check_crcs",
        "isolation_level",
    ] == parameters(aiokafka_partition_records)
    assert ["self", "tp", "record"] == parameters(aiokafka_partition_records._consumer_record)
    init = inspect.getsource(aiokafka_partition_records.__init__)
    assert "self._records_iterator = self._unpack_records()" in init
    assert "self.next_fetch_offset = fetch_offset" in init
    # What was read before the end of the iterator is handed on, and the next fetch begins behind.
    assert "self._update_position()" in inspect.getsource(fetcher.FetchResult.getall)


def test_aiokafka_record_batches() -> None:
    assert {"validate_crc", "is_control_batch", "__iter__"} <= set(dir(DefaultRecordBatch))
    assert {"validate_crc", "__iter__"} <= set(dir(LegacyRecordBatch))


async def test_aiokafka_consumer_fetcher_error_future() -> None:
    source = inspect.getsource(fetcher.Fetcher)
    assert "self._fetch_task = create_task(self._fetch_requests_routine())" in source
    assert isinstance(fetcher.Fetcher.error_future, property)
    assert "self._fetcher = Fetcher(" in inspect.getsource(AIOKafkaConsumer.start)


async def test_faststream_broker_config_builder() -> None:
    broker = KafkaBroker("127.0.0.1:1", client_id="c", consumer_only=True, logger=None)
    await broker.connect()
    builder = broker.config.broker_config.builder

    assert isinstance(builder, partial)
    assert builder.func is AIOKafkaConsumer
    assert ["127.0.0.1:1"] == list(builder.keywords["bootstrap_servers"])
    await broker.stop()


def test_faststream_subscriber_asks_getmany_and_hands_a_tuple_to_the_parser() -> None:
    subscriber = KafkaBroker("127.0.0.1:1", logger=None).subscriber("t", batch=True, group_id="g")

    assert isinstance(subscriber, BatchSubscriber)
    assert subscriber.consumer is None
    source = inspect.getsource(BatchSubscriber.get_msg)
    assert "consumer.getmany(" in source, "BatchSubscriber.get_msg no longer asks getmany()"
    assert "tuple(chain(*messages.values()))" in source


async def test_faststream_message_fake_consumer() -> None:
    record = ConsumerRecord("t", 0, 0, 0, 0, None, b"", None, 0, 0, [("odd", None)])
    message = KafkaMessage(raw_message=(record,), body=b"", consumer=FAKE_CONSUMER)
    await message.ack()

    assert (record,) == message.raw_message


def reaching(path: Path) -> Iterator[str]:
    """Name the lines that use a private name of something that is not ours."""
    source = path.read_text()
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name("self" | "cls")):
                continue
            case ast.Attribute(value=ast.Name("os"), attr="_exit"):
                continue  # public, in spite of its name
            case ast.Attribute(attr=name):
                private = name.startswith("_") and not name.startswith("__")
            case ast.ImportFrom(module=str(module), names=names):
                parts = [*module.split("."), *(each.name for each in names)]
                private = parts[0] not in OURS and any(
                    part.startswith("_") and part != "__future__" for part in parts
                )
            case _:
                continue
        if private:
            yield f"{path.relative_to(ROOT)}:{node.lineno} {lines[node.lineno - 1].strip()}"


def test_no_other_module_reaches_into_a_library() -> None:
    modules = sorted((ROOT / "services").rglob("*.py"))
    found = {str(path.relative_to(ROOT)): list(reaching(path)) for path in modules}

    assert {} == {name: lines for name, lines in found.items() if lines and name not in REACHING}
    # The rule bites: it sees what the modules that may do it do.
    assert [True, True, True] == [bool(found[name]) for name in list(REACHING)[:3]]
    assert [] == [
        str(path.relative_to(ROOT))
        for path in modules
        if "SLF001" in path.read_text() and str(path.relative_to(ROOT)) not in REACHING
    ]


def test_the_page_names_each_test_and_only_the_adapter_imports_faststream() -> None:
    page = (ROOT / "docs/reaching-into-libraries.md").read_text()
    here = [
        name
        for name in globals()
        if name.startswith(("test_psycopg", "test_aiokafka", "test_faststream"))
    ]

    assert [] == [name for name in here if f"`{name}`" not in page]
    assert [] == [name for name in REACHING if f"`{name}`" not in page]
    assert ["services/chassis/messaging/faststream_consumer.py"] == [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "services").rglob("*.py"))
        if re.search(r"^\s*(?:from|import) faststream\b", path.read_text(), re.MULTILINE)
    ]
