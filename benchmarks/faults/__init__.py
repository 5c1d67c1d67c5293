"""Fault operators: each puts one kind of fault into a good program. Importing this package registers all."""

from faults import layer, loop, loss, script, shape, wiring
from faults.operator import OPERATORS, Operator
from faults.source import Mutant, Source

__all__ = ["OPERATORS", "Mutant", "Operator", "Source", "layer", "loop", "loss", "script", "shape", "wiring"]
