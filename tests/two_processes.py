"""How `make test` divides the tests between two processes: what waits for servers, and the rest."""

from xdist.scheduler import LoadScopeScheduling

# Both groups take about the same time; within each the tests keep their order.
SERVER_FOLDERS = ("tests/component/", "tests/e2e/")


class TwoGroups(LoadScopeScheduling):  # type: ignore[misc] # xdist ships no types
    """Two groups of tests, each whole in one process."""

    def _split_scope(self, nodeid: str) -> str:
        return "servers" if nodeid.startswith(SERVER_FOLDERS) else "others"
