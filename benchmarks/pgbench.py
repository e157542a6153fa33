"""pgbench as an anchor: the statements of ours as its script, their values drawn at random."""

import asyncio
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from deploy.local.postgres import binaries
from services.chassis.postgres.database import Statement

CLIENTS = 16

_PLACE = re.compile(r"%\((\w+)\)[sb]")
# pgbench takes a colon before a word for a variable of its own, within quotes too.
_LOOKS_DRAWN = re.compile(r":(?=\w)")
_RATE = re.compile(r"tps = ([\d.]+) \(without initial connection time\)")


def script(
    variables: Sequence[str], statements: Sequence[Statement], drawn: Sequence[tuple[str, str]]
) -> str:
    r"""Return the statements as one pipelined transaction.

    `drawn` pairs a pattern, looked for in every literal, with the variables that take its place.
    """

    def text(statement: Statement) -> str:
        values = {**statement.prepared.defaults, **statement.values}
        held = statement.prepared.text.decode()
        filled = _PLACE.sub(lambda found: _expression(values[found[1]], drawn), held)
        return f"{filled.strip()};"

    transaction = ("BEGIN;", *map(text, statements), "COMMIT;")
    return "\n".join((*variables, r"\startpipeline", *transaction, r"\endpipeline", ""))


def _expression(value: Any, drawn: Sequence[tuple[str, str]]) -> str:
    match value:
        case None:
            return "NULL"
        case bool() | int() | float():
            return str(value)
        case tuple():
            return f"ARRAY[{', '.join(_expression(each, drawn) for each in value)}]"
        case UUID():
            return f"{_expression(str(value), drawn)}::uuid"
        case datetime() | date():
            return f"{_expression(value.isoformat(), drawn)}::timestamptz"
        case _:
            literal = "'" + str(value).replace("'", "''") + "'"
            literal = _LOOKS_DRAWN.sub(":' || '", literal)
            for pattern, replacement in drawn:
                literal = re.sub(pattern, replacement, literal)
            return f"({literal})"


async def rate(url: str, file: Path, seconds: int) -> float:
    """Run the script with 16 clients and return its transactions a second."""
    process = await asyncio.create_subprocess_exec(
        *(str(binaries() / "pgbench"), "--no-vacuum", "--protocol=prepared"),
        *(f"--client={CLIENTS}", "--jobs=2", f"--time={seconds}", f"--file={file}", url),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = (part.decode() for part in await process.communicate())
    found = _RATE.search(output)
    if process.returncode or found is None:
        raise RuntimeError(errors or output)
    return float(found[1])
