"""Traces: nothing without an endpoint; with one, spans of the caller's trace are sent to it."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
RUN = f"""
import sys
from services.chassis.runtime import telemetry
telemetry.set_up("booking", "1", "info", sys.argv[1] or None)
with telemetry.span("HTTP POST", "00-{TRACE}-00f067aa0ba902b7-01") as traceparent:
    print(traceparent)
print("opentelemetry.sdk" in sys.modules)
telemetry.flush_traces()
"""


class Collector(BaseHTTPRequestHandler):
    """Takes what an exporter posts."""

    posted: list[tuple[str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        Collector.posted.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def run(endpoint: str) -> list[str]:
    command = [sys.executable, "-c", RUN, endpoint]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.splitlines()


def test_without_an_endpoint_the_callers_trace_is_handed_on_and_no_sdk_is_loaded() -> None:
    assert run("") == [f"00-{TRACE}-00f067aa0ba902b7-01", "False"]


def test_with_an_endpoint_a_span_of_the_callers_trace_is_sent() -> None:
    Collector.posted = []
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        traceparent, loaded = run(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    [(path, body)] = Collector.posted

    assert traceparent.startswith(f"00-{TRACE}-")
    assert "00f067aa0ba902b7" not in traceparent
    assert loaded == "True"
    assert path == "/v1/traces"
    assert bytes.fromhex(TRACE) in body
    assert b"bookwith-booking" in body
