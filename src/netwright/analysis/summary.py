"""The facts of a network before its first epoch, and how they are shown."""

from typing import Any

from torch import nn

from netwright.analysis.document import json
from netwright.analysis.facts import Facts
from netwright.analysis.markup import html, markdown
from netwright.analysis.table import text
from netwright.trace.record import record


class Summary(Facts):
    """The facts of a recorded network, which print as a table and show themselves in a notebook."""

    def __str__(self) -> str:
        """Return the table in a fixed width."""
        return text(self)

    def to_json(self) -> str:
        """Return the facts as JSON; `netwright.analysis.document` says what the keys mean."""
        return json(self)

    def to_markdown(self) -> str:
        """Return the table as GitHub-flavoured Markdown."""
        return markdown(self)

    def _repr_html_(self) -> str:
        """Return the table for a notebook."""
        return html(self)


def summary(
    net: nn.Module, input: Any, *, batch: int = 1, training: bool | None = None, name: str = ""
) -> Summary:
    """Record `net` once, on the meta device where that is possible, and return its facts.

    A forward pass that raises gives the facts up to that point, with `failure` set.

    Args:
        net: any module; it is not changed.
        input: the shape of one example without the batch, as (3, 32, 32); a list of shapes; a dict of shapes
            by parameter name; or tensors, which include their batch. `netwright.trace.inputs.Input` gives a
            shape a dtype.
        batch: how many examples the recorded run has; it scales `saved_bytes` and nothing else.
        training: whether to record in training mode; by default, in the mode that the module is in.
        name: what the table calls the network; by default, its class.
    """
    return Summary(record(net, input, batch=batch, training=training), name or type(net).__name__)
