"""The brokers that a setting names, for every client: producer, consumer, tools, probes."""


def addresses(bootstrap_servers: str) -> list[str]:
    """Return each `host:port` of a list with commas; an IPv6 host stands in brackets."""
    return [each for part in bootstrap_servers.split(",") if (each := part.strip())]


def host_and_port(address: str) -> tuple[str, int]:
    """Return both parts of an address, the brackets of an IPv6 host taken off."""
    host, _, port = address.rpartition(":")
    return host.removeprefix("[").removesuffix("]"), int(port)
