"""The storage of `limits`: counted in memory here, with what the other processes have told.

Nothing waits for it: a request is judged by what this process knows, and `exchange.py` tells the
database what was counted here and hears what all have counted. Counts are kept under keyed digests:
no address and no network is written down.
"""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from limits.limits import GRANULARITIES
from limits.storage import Storage

SWEEP_SECONDS = 10.0
# What is far from used up is forgotten here when nobody asks for it; the database knows it.
IDLE_SECONDS = 60.0
MOST_REMEMBERED = 2000
_DIGEST_BYTES = 16


@dataclass(slots=True)
class Count:
    """What was used of a budget in one window: as all have told, and what is not told yet."""

    most: int
    ends_at: float
    touched_at: float
    told: int = 0
    untold: int = 0
    being_told: int = 0

    @property
    def used(self) -> int:
        """Return how much was used, as far as this process knows."""
        return max(self.told + self.being_told + self.untold, 0)

    def matters(self, now: float) -> bool:
        """Tell whether it has to be kept here."""
        if self.ends_at <= now:
            return False
        is_idle = self.touched_at <= now - IDLE_SECONDS
        return not is_idle or self.used * 2 >= self.most or bool(self.untold)


@dataclass(frozen=True, slots=True)
class Told:
    """A window of a key: `used` is what is added to it, or what all have used together."""

    key: bytes
    used: int
    most: int
    ends_at: float


class SharedCounts(Storage):
    """Counts in windows that begin and end at the same moment in every process."""

    STORAGE_SCHEME = None

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._secret = secret
        self._clock = clock
        self._counts: dict[bytes, Count] = {}
        self._untold: dict[bytes, None] = {}
        # The windows of keys that were asked for lately: several times by each request.
        self._windows: dict[str, tuple[bytes, int, float]] = {}
        self._swept_at = 0.0

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return what `limits` takes for a fault of the storage."""
        return ConnectionError

    def __len__(self) -> int:
        """Return how many windows are kept in memory."""
        return len(self._counts)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count so much, which may be given back; return how much was used."""
        digest, most, ends_at = self._window(key)
        count = self._counts.get(digest)
        if count is None:
            count = self._counts[digest] = Count(most, ends_at, self._clock())
        count.touched_at = self._clock()
        count.untold += max(amount, -count.used)
        self._untold[digest] = None
        return count.used

    def get(self, key: str) -> int:
        """Return how much was used in the window of this moment."""
        count = self._counts.get(self._window(key)[0])
        return count.used if count else 0

    def get_expiry(self, key: str) -> float:
        """Return when the window of this moment ends."""
        return self._window(key)[2]

    def check(self) -> bool:
        """Return that memory is there; whether counts are shared, the exchange knows."""
        return True

    def reset(self) -> int:
        """Forget all that is kept here."""
        number = len(self._counts)
        self._counts.clear()
        self._untold.clear()
        self._windows.clear()
        return number

    def clear(self, key: str) -> None:
        """Forget the key's window of this moment."""
        digest = self._window(key)[0]
        self._counts.pop(digest, None)
        self._untold.pop(digest, None)

    def take(self) -> Sequence[Told]:
        """Return what is not told yet; `told` or `not_told` says what became of it."""
        self._sweep()
        taken = []
        for digest in self._untold:
            count = self._counts[digest]
            count.being_told, count.untold = count.untold, 0
            taken.append(Told(digest, count.being_told, count.most, count.ends_at))
        self._untold.clear()
        return taken

    def told(self, taken: Sequence[Told], answer: Sequence[Told]) -> None:
        """Note that what was taken is told, and what all have used together."""
        for each in taken:
            count = self._counts[each.key]
            count.told, count.being_told = max(count.told + count.being_told, 0), 0
        for each in answer:
            known = self._counts.get(each.key)
            if known is None:
                known = Count(each.most, each.ends_at, self._clock())
                self._counts[each.key] = known
            known.told = each.used

    def not_told(self, taken: Sequence[Told]) -> None:
        """Note that what was taken has to be told again."""
        for each in taken:
            count = self._counts[each.key]
            count.untold, count.being_told = count.untold + count.being_told, 0
            self._untold[each.key] = None

    def _window(self, key: str) -> tuple[bytes, int, float]:
        """Return the digest of the key in this moment's window, how much it has, when it ends."""
        known = self._windows.get(key)
        if known is not None and known[2] > self._clock():
            return known
        most, seconds = _limit(*key.rsplit("/", 3)[1:])
        number = int(self._clock() // seconds)
        named = f"{key}/{number}".encode()
        digest = hashlib.blake2b(named, key=self._secret, digest_size=_DIGEST_BYTES).digest()
        if len(self._windows) >= MOST_REMEMBERED:
            self._windows.clear()
        self._windows[key] = digest, most, (number + 1.0) * seconds
        return self._windows[key]

    def _sweep(self) -> None:
        """Forget the windows that are over, and what does not matter here."""
        now = self._clock()
        if now < self._swept_at + SWEEP_SECONDS:
            return
        self._swept_at = now
        for digest in [key for key, count in self._counts.items() if not count.matters(now)]:
            del self._counts[digest]
            self._untold.pop(digest, None)


def _limit(most: str, multiples: str, granularity: str) -> tuple[int, int]:
    """Return how much a key's limit allows in how many seconds: `limits` ends each key with it."""
    return int(most), int(multiples) * GRANULARITIES[granularity].GRANULARITY.seconds
