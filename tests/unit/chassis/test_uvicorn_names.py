"""Names of uvicorn's protocol class that ours stands on: an upgrade that moves one fails here.

docs/reaching-into-libraries.md has the row.
"""

import inspect
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

OVERRIDDEN = {
    "connection_made": ["self", "transport"],
    "connection_lost": ["self", "exc"],
    "data_received": ["self", "data"],
    "pause_writing": ["self"],
    "resume_writing": ["self"],
    "on_message_begin": ["self"],
    "on_url": ["self", "url"],
    "on_header": ["self", "name", "value"],
    "on_headers_complete": ["self"],
    "on_body": ["self", "body"],
    "on_message_complete": ["self"],
    "on_response_complete": ["self"],
    "shutdown": ["self"],
}


def test_uvicorn_protocol_methods_are_called_as_we_override_them() -> None:
    found = {
        name: list(inspect.signature(getattr(HttpToolsProtocol, name)).parameters)
        for name in OVERRIDDEN
    }

    assert found == OVERRIDDEN
    assert ["self", "config", "server_state", "app_state", "_loop"] == list(
        inspect.signature(HttpToolsProtocol.__init__).parameters
    )
    # httptools calls the methods by these names, on the object that it is given.
    assert "HttpRequestParser(self)" in inspect.getsource(HttpToolsProtocol.__init__)


def test_uvicorn_protocol_attributes_mean_what_we_take_them_for() -> None:
    made = inspect.getsource(HttpToolsProtocol.__init__)
    for name in (
        "parser",
        "loop",
        "transport",
        "flow",
        "pipeline",
        "headers",
        "cycle",
        "connections",
    ):
        assert f"self.{name}" in made, name
    cycle = inspect.getsource(RequestResponseCycle)
    for name in (
        "keep_alive",
        "disconnected",
        "response_started",
        "response_complete",
        "message_event",
    ):
        assert f"self.{name}" in cycle, name
    # The newest request is `cycle`, older ones that wait for their turn are in `pipeline`.
    assert "self.pipeline.appendleft((self.cycle, app))" in inspect.getsource(
        HttpToolsProtocol.on_headers_complete
    )
    # A response that must not keep the connection says so, and closes it behind itself.
    assert "if not self.keep_alive:\n                    self.transport.close()" in cycle
    assert "if self.disconnected:\n            return" in inspect.getsource(
        RequestResponseCycle.send
    )
    assert STATUS_LINE[431].startswith(b"HTTP/1.1 431 ")
    assert hasattr(FlowControl, "resume_reading")


def test_uvicorn_keep_alive_timer_is_ours_to_stop() -> None:
    assert "timeout_keep_alive_task" in inspect.getsource(
        HttpToolsProtocol._unset_keepalive_if_required
    )


def test_uvicorn_server_is_told_to_end_by_should_exit() -> None:
    assert "self.should_exit" in inspect.getsource(uvicorn.Server.on_tick)
    assert "connection.shutdown()" in inspect.getsource(uvicorn.Server.shutdown)


def test_the_page_names_each_of_these_tests() -> None:
    page = (Path(__file__).parents[3] / "docs/reaching-into-libraries.md").read_text()

    assert [] == [
        name for name in globals() if name.startswith("test_uvicorn") and f"`{name}`" not in page
    ]
