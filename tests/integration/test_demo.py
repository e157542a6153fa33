"""`make demo`: prints what it sees, and says so when a service is broken."""

import os
import socket
import subprocess
import sys
import time

from deploy.local.settings import ROOT, TAKEN_FROM

SHOWN = (
    "MeetingTypeCreated",
    "LinkExpired",
    "SlotReserved",
    "SlotAccepted",
    "BookingConfirmed",
    "BookingRescheduled",
    "BookingCancelled",
    "REQUEST SEQUENCE:0  Confirmed: Interview with Anna",
    "REQUEST SEQUENCE:1  Moved: Interview with Vera Visitor",
    "CANCEL SEQUENCE:2  Cancelled: Interview with Vera Visitor",
    "| Vera Visitor has booked a meeting with you.",
)


def demo(**settings: str) -> tuple[int, str, float]:
    """Run the demo; return its exit code, what it output, and how long it took."""
    own = {name: value for name, value in os.environ.items() if name not in TAKEN_FROM.values()}
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local.demo"],
        cwd=ROOT,
        env={**own, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, time.monotonic() - began


def test_the_demo_shows_the_journey_and_ends_well_within_a_minute() -> None:
    code, output, seconds = demo()

    assert code == 0, output
    assert [text for text in SHOWN if text not in output] == []
    assert "Everything is up" in output, "progress is shown"
    assert output.splitlines()[-1].startswith("All as promised")
    assert seconds < 60


def test_the_demo_fails_with_a_clear_sentence_when_mail_cannot_be_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        code, output, seconds = demo(BOOKWITH_SMTP_URL=f"smtp://127.0.0.1:{port}")

    assert code == 1, output
    assert "Traceback" not in output
    assert output.splitlines()[-1].startswith("Not as promised: no mail can be seen to arrive")
    assert seconds < 90


def test_the_demo_fails_with_a_clear_sentence_when_a_service_does_not_start() -> None:
    code, output, _ = demo(BOOKWITH_HOLD_SECONDS="never")

    assert code == 1, output
    assert "Traceback" not in output
    assert "BOOKWITH_HOLD_SECONDS is wrong" in output
    assert output.rstrip().endswith("The stack did not start: what it printed is above.")
