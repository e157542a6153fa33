"""Follow all bookings from the first event: python -m contracts.examples.subscriber HOST:PORT."""
# ruff: noqa: INP001, T201  # an example is a script, and prints

import asyncio
import sys

from aiokafka import AIOKafkaConsumer

from contracts.envelope import decode
from contracts.registry import EVENTS_BY_TYPE


async def main(servers: str) -> None:
    topics, settings = ["booking.events.v1"], {"group_id": "crm", "enable_auto_commit": False}
    async with AIOKafkaConsumer(
        *topics, bootstrap_servers=servers, auto_offset_reset="earliest", **settings
    ) as consumer:
        async for record in consumer:
            envelope, body = decode(record.key, record.value, record.headers)
            if event := EVENTS_BY_TYPE.get(envelope.type):  # a type you do not know is no error
                print(envelope.sequence, repr(event.model_validate_json(body)), flush=True)
            await consumer.commit()  # after your own work: at least once


asyncio.run(main(sys.argv[1]))
