"""Watching: whatever dies is started again; ending: services first, what they stand on last."""

import time

import psutil

from deploy.local import children
from deploy.local.run import Run, Supervised

LOOK_SECONDS = 0.05
# How long a part that keeps dying is left alone; the first time it is not left alone at all.
BACKOFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0)
STABLE_SECONDS = 10.0
STOP_ORDER = (("service",), ("inbox", "oidc"), ("kafka", "postgres"))


def watch(run: Run) -> None:
    """Start again whatever dies, until somebody asks to stop."""
    while True:
        run.check_asked()
        changed = [_look_after(run, each) for each in run.supervised.values()]
        if any(changed):
            run.write("running")
        time.sleep(LOOK_SECONDS)


def stop(run: Run) -> None:
    """End every process of the run."""
    run.signals = 0
    run.write("stopping")
    for roles in STOP_ORDER:
        alive = [
            each
            for each in run.supervised.values()
            if each.part.role in roles and each.child.process.poll() is None
        ]
        # A second Ctrl-C cuts the patience with what is still to come.
        children.end(
            {psutil.Process(each.child.process.pid): each.part.stop_signal for each in alive},
            patience=1.0 if run.signals else children.KILL_AFTER_SECONDS,
        )
        for each in alive:
            each.child.process.wait()
    run.supervised.clear()
    run.write("stopped")


def _look_after(run: Run, each: Supervised) -> bool:
    """See to one part; return whether its state has changed."""
    now = time.monotonic()
    if each.start_at is not None:
        if each.start_at > now or _held(run, each):
            return False
        each.child, each.started, each.start_at = run.spawn(each.part), now, None
        each.restarts += 1
        return True
    code = each.child.process.poll()
    if code is not None:
        each.deaths = 1 if now - each.started > STABLE_SECONDS else each.deaths + 1
        pause = BACKOFF_SECONDS[min(each.deaths, len(BACKOFF_SECONDS)) - 1]
        each.start_at, each.ready = now + pause, False
        run.say(f"{each.part.name} ended (exit code {code}); it is started again")
        return True
    if not each.ready:
        each.ready = each.part.ready(each.child.process.pid)
        return each.ready
    return False


def _held(run: Run, each: Supervised) -> bool:
    """Say whether somebody wants the part to stay down for now, as tests of outages do."""
    return (run.settings.state_dir / "held" / each.part.name).exists()
