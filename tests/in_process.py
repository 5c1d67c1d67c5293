"""Train the trials of a study inside the test process: a worker of its own takes seconds to import torch."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from netwright.study.trial import Ticket, attempt
from netwright.study.worker import unpack


def serve(tickets: Sequence[Ticket], data: Path, **options: Any) -> Iterator[tuple[Ticket, dict[str, Any]]]:
    """Do what `netwright.study.pool.serve` does; tickets and data are written and read as for a worker."""
    for ticket in tickets:
        messages: list[dict[str, Any]] = []
        trial = attempt(
            Ticket.from_json(json.loads(json.dumps(ticket.to_json()))), unpack(data), messages.append
        )
        yield from ((ticket, message) for message in [*messages, {"trial": asdict(trial)}])
