"""What is known of one predicted file: a row of the table, of the JSON and of the journal."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, Self

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

STRICT = ConfigDict(extra="forbid", frozen=True)


class Row(Protocol):
    """One predicted file."""

    @property
    def file(self) -> str:
        """The name of the input, relative to the folder that holds all inputs."""

    @property
    def picture(self) -> str:
        """The name of the drawing in the folder of the predictions; empty without one."""

    @property
    def files(self) -> tuple[str, ...]:
        """The names of all files that belong to the row."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know beside the result."""

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table, in the order of `header`."""

    def facts(self) -> dict[str, Any]:
        """Return the row as JSON."""

    def line(self) -> tuple[str, ...]:
        """Return what a person reads first."""


class RowType(Protocol):
    """How a row is made again from what was stored of it."""

    def of(self, facts: Mapping[str, Any], /) -> Row:
        """Return the row that had these `facts()`."""


@dataclass(config=STRICT)
class ClassRow:
    """The class of one file: the most probable one, and the probability of each."""

    file: str
    class_name: str
    probability: float
    probabilities: Mapping[str, float]
    picture: str = ""

    @staticmethod
    def header(classes: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the columns; a class that is called like another column says what it is.

        >>> ClassRow.header(["cat", "file"])
        ('file', 'class', 'probability', 'cat', 'file (class)')
        """
        first = ("file", "class", "probability")
        return (*first, *(f"{name} (class)" if name in first else name for name in classes))

    @property
    def files(self) -> tuple[str, ...]:
        """The drawing, where there is one."""
        return (self.picture,) if self.picture else ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table, with every probability to the last digit."""
        values = (self.probability, *self.probabilities.values())
        return (self.file, self.class_name, *map(repr, values))

    def facts(self) -> dict[str, Any]:
        """Return the row as JSON."""
        known = {
            "file": self.file,
            "class": self.class_name,
            "probability": self.probability,
            "probabilities": dict(self.probabilities),
        }
        return known | ({"picture": self.picture} if self.picture else {})

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Return the row that had these `facts()`.

        Raises:
            pydantic.ValidationError: They are not those of a row.
        """
        return TypeAdapter(cls).validate_python(
            {"class_name" if k == "class" else k: v for k, v in facts.items()}
        )

    def line(self) -> tuple[str, ...]:
        """Return file, class and probability."""
        return (self.file, self.class_name, f"{self.probability:.1%}")


@dataclass(config=STRICT)
class MaskRow:
    """The mask of one file: its name in the folder of the predictions, and the share of each class.

    `inexact` says why the mask may differ from that of the whole image at once; it is empty where it does
    not. `notes` are what else a user should know.
    """

    file: str
    mask: str
    shares: Mapping[str, float]
    inexact: str = ""
    notes: tuple[str, ...] = ()
    picture: str = ""

    @staticmethod
    def header(classes: Sequence[str]) -> tuple[str, ...]:
        """Return the names of the columns; a class that is called like another column says what it is."""
        first = ("file", "mask")
        names = (f"{name} (class)" if name in (*first, "inexact") else name for name in classes)
        return (*first, *names, "inexact")

    @property
    def files(self) -> tuple[str, ...]:
        """The mask, and the drawing where there is one."""
        return tuple(name for name in (self.mask, self.picture) if name)

    @property
    def remarks(self) -> tuple[str, ...]:
        """Why the mask is inexact, and the notes."""
        return (*([f"inexact: {self.inexact}"] if self.inexact else []), *self.notes)

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        return (self.file, self.mask, *map(repr, self.shares.values()), self.inexact)

    def facts(self) -> dict[str, Any]:
        """Return the row as JSON."""
        known = {"file": self.file, "mask": self.mask, "shares": dict(self.shares), "inexact": self.inexact}
        known |= {"notes": list(self.notes)} if self.notes else {}
        return known | ({"picture": self.picture} if self.picture else {})

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Return the row that had these `facts()`.

        Raises:
            pydantic.ValidationError: They are not those of a row.
        """
        return TypeAdapter(cls).validate_python(dict(facts))

    def line(self) -> tuple[str, ...]:
        """Return file, mask and the share of each class."""
        shares = ", ".join(f"{name} {share:.1%}" for name, share in self.shares.items())
        return (self.file, self.mask, shares)
