"""What a readiness probe asks of Kafka: whether one of the brokers takes a connection."""

import asyncio

CONNECT_SECONDS = 1


async def reach_kafka(bootstrap_servers: str) -> None:
    """Raise OSError unless one of the brokers takes a connection within a second."""
    fault: OSError = ConnectionError("no broker is named")
    for server in bootstrap_servers.split(","):
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, writer = await asyncio.open_connection(host, int(port))
        except (OSError, TimeoutError) as refused:
            fault = ConnectionError(f"{server} does not answer ({type(refused).__name__})")
        else:
            writer.close()
            return
    raise fault
