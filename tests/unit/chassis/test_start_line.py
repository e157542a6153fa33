"""The line that a process begins its log with: version, roles, settings without secrets."""

import json
import os
import subprocess
import sys

from services.chassis.runtime.shown_settings import shown_settings
from services.notifier.settings import NotifierSettings
from tests.component.running import KEYS, without_environment

SECRETS = ("hunter2", "swordfish", "letmein", KEYS.partition(":")[2])
ENVIRONMENT = {
    "BOOKWITH_DATABASE_URL": "postgresql://me:hunter2@127.0.0.1:1/notifier?password=swordfish",
    "BOOKWITH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    "BOOKWITH_OIDC_ISSUER": "https://me:letmein@sign-in.example/realm?x=letmein",
    "BOOKWITH_OIDC_ANY_AUDIENCE": "true",
    "BOOKWITH_ORGANIZATION_NAMESPACE": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "BOOKWITH_PUBLIC_URL": "https://book.example",
    "BOOKWITH_TOKEN_KEYS": KEYS,
    "BOOKWITH_HTTP_PORT": "1",
    "BOOKWITH_SENDER": "Bookwith <book@bridges.example>",
    "BOOKWITH_SMTP_URL": "smtps://me:letmein@mail.example",
}


def test_a_process_begins_its_log_with_what_it_is_and_how_it_is_set() -> None:
    # Port 1 cannot be had: the process ends by itself.
    run = subprocess.run(
        [sys.executable, "-m", "services.notifier", "serve", "--roles", "http,timers"],
        env={"PATH": os.environ["PATH"], **ENVIRONMENT, "BOOKWITH_HTTP_HOST": "192.0.2.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    line = json.loads(run.stdout.splitlines()[0])

    assert ("starting", "notifier") == (line["event"], line["service"])
    assert ["http", "timers"] == line["roles"]
    assert line["version"]
    assert "postgresql://127.0.0.1:1/notifier" == line["settings"]["database_url"]
    assert "https://sign-in.example/realm" == line["settings"]["oidc_issuer"]
    assert "1000" == line["settings"]["http_connections"]
    for secret in SECRETS:
        assert secret not in run.stdout + run.stderr


def test_every_setting_is_shown_or_hidden() -> None:
    with without_environment():
        values = {name.removeprefix("BOOKWITH_").lower(): v for name, v in ENVIRONMENT.items()}
        shown = shown_settings(NotifierSettings(**values))  # type: ignore[arg-type] # texts, as from the environment

    assert set(NotifierSettings.model_fields) == set(shown)
    assert ["smtp_url", "token_keys"] == sorted(k for k, v in shown.items() if v == "(hidden)")
