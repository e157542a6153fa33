"""The command `rebuild`: a line of JSON for each table, and a sentence at the end."""

import json
import sys
from dataclasses import asdict

from aiokafka.errors import KafkaError

from services.chassis.events.rebuild import (
    ProcessRuns,
    ReadModels,
    TopicIncomplete,
    rebuild,
)
from services.chassis.messaging.whole_topics import WholeTopics
from services.chassis.runtime.settings import Settings

DONE, DIFFERENT, REFUSED, UNAVAILABLE = 0, 1, 4, 5


async def run_rebuild(
    service: str, settings: Settings, models: ReadModels, *, dry_run: bool, log_only: bool
) -> int:
    """Rebuild the read models, or compare them; return the exit code."""
    kafka = settings.kafka_bootstrap_servers
    topics = WholeTopics(kafka) if models.from_topics and not log_only else None
    try:
        rebuilt = await rebuild(
            settings.database_url, models, dry_run=dry_run, topics=topics, service=service
        )
    except KafkaError as away:
        sys.stderr.write(f"Kafka at {kafka} does not answer ({away}). Nothing is changed.\n")
        if models.rebuilt:
            sys.stderr.write("--log-only leaves what comes from topics as it is.\n")
        return UNAVAILABLE
    except TopicIncomplete as cut:
        sys.stderr.write(f"{cut} Nothing is changed.\n")
        return REFUSED
    except ProcessRuns:
        sys.stderr.write("A process of the service runs. Stop all of them, then rebuild.\n")
        return REFUSED
    for each in rebuilt:
        sys.stdout.write(f"{json.dumps({'action': 'rebuilt', **asdict(each)})}\n")
    for table, why in models.kept.items():
        sys.stdout.write(f"{json.dumps({'action': 'kept', 'table': table.name, 'why': why})}\n")
    changed = sum(each.added + each.removed for each in rebuilt)
    said = "would come or go" if dry_run else "came or went"
    sys.stderr.write(f"{len(rebuilt)} read models; {changed} rows {said}.\n")
    return DIFFERENT if dry_run and changed else DONE
