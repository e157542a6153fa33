"""The command `rebuild`: a line of JSON for each table, and a sentence at the end."""

import json
import sys
from dataclasses import asdict

from services.chassis.events.rebuild import ProcessRuns, ReadModels, rebuild

DONE, DIFFERENT, REFUSED = 0, 1, 4


async def run_rebuild(database_url: str, models: ReadModels, dry_run: bool) -> int:
    """Rebuild the read models, or compare them; return the exit code."""
    try:
        rebuilt = await rebuild(database_url, models, dry_run=dry_run)
    except ProcessRuns:
        sys.stderr.write("A process of the service runs. Stop all of them, then rebuild.\n")
        return REFUSED
    for each in rebuilt:
        sys.stdout.write(f"{json.dumps({'action': 'rebuilt', **asdict(each)})}\n")
    for table, why in models.kept.items():
        sys.stdout.write(f"{json.dumps({'action': 'kept', 'table': table.name, 'why': why})}\n")
    changed = sum(each.added + each.removed for each in rebuilt)
    said = "would come or go" if dry_run else "came or went"
    sys.stderr.write(f"{len(rebuilt)} read models from the log; {changed} rows {said}.\n")
    return DIFFERENT if dry_run and changed else DONE
