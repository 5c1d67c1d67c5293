"""A listener that counts events in a file."""

import os
from collections import Counter as Counts
from pathlib import Path


class Counter:
    """Write how often each event was received into the file that `ACME_COUNTER` names."""

    def __init__(self):
        self.counts = Counts()

    def __call__(self, event) -> None:
        """Count an event by the name of its class."""
        self.counts[type(event).__name__] += 1
        lines = [f"{name} {count}" for name, count in self.counts.items()]
        Path(os.environ["ACME_COUNTER"]).write_text("\n".join(lines))
