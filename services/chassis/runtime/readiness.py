"""What a readiness probe asks of Kafka: whether one of the brokers takes a connection."""

import asyncio

from services.chassis.messaging.brokers import addresses, host_and_port

CONNECT_SECONDS = 1


async def reach_kafka(bootstrap_servers: str) -> None:
    """Raise OSError unless one of the brokers takes a connection within a second."""
    tries = [asyncio.create_task(_reach(each)) for each in addresses(bootstrap_servers)]
    try:
        faults = []
        for answer in asyncio.as_completed(tries):
            try:
                await answer
            except ConnectionError as fault:
                faults.append(str(fault))
            else:
                return
        raise ConnectionError("; ".join(sorted(faults)) or "no broker is named")
    finally:
        for each in tries:
            each.cancel()


async def _reach(address: str) -> None:
    host, port = host_and_port(address)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as refused:
        raise ConnectionError(f"{address} does not answer ({type(refused).__name__})") from refused
    writer.close()
