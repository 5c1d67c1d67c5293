"""One split of a data set, decoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netwright.data.kinds import Kind, Stack


@dataclass(frozen=True, eq=False)
class Split:
    """Inputs [n, c, *space], of one to three dimensions and any numeric type, and their targets by kind.

    Where all inputs have one shape and fit into memory they are one tensor; otherwise they are a sequence of
    tensors [c, *space], which may be memory maps. A target of kind MASK holds the values as they are stored;
    `Data.values` says which class each one means. `groups` names what each example belongs to (a volume, a
    video, a patient), and is empty where examples are independent. `places` says where each example comes
    from, as messages name it (`images/7.png` in backticks), and is empty where that is not known.
    """

    inputs: Stack
    targets: Mapping[Kind, Stack]
    groups: Sequence[str] = ()
    places: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shape of each input, without the batch."""
        return [tuple(example.shape) for example in self.inputs]
