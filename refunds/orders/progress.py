"""Show on a terminal how far an import is; say nothing where nobody watches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

from tqdm import tqdm

if TYPE_CHECKING:
    from types import TracebackType


class ProgressBar:
    """One bar for each thing that is being done, one after the other."""

    def __init__(self) -> None:
        """Show nothing yet."""
        self._bar: tqdm[Any] | None = None
        self._what = ""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave a whole line behind, whatever happened."""
        self._end()

    def show(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` are through; a total of 0 is one nobody knows."""
        if what != self._what:
            self._end()
            self._what = what
            # No thread of its own: whoever shows a bar may fork.
            tqdm.monitor_interval = 0
            self._bar = tqdm(
                total=total or None,
                desc=what,
                unit="B" if not total else "",
                unit_scale=True,
                disable=not sys.stderr.isatty(),
            )
        if self._bar is not None:
            self._bar.update(done - self._bar.n)

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
