"""How data is read: the options that every command with `--data` shares."""

import sys
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Group, Parameter

if TYPE_CHECKING:
    from netwright.data.examples import Data

GROUP = Group("Data", help="How the data is read, where its files leave that open.")
ONE = Parameter(group=GROUP)
MANY = Parameter(group=GROUP, negative="", consume_multiple=False)
FLAG = Parameter(group=GROUP, negative="")


@Parameter(name="*")
@dataclass(frozen=True)
class Options:
    """The choices of a person about a data set; what is not given is decided by the files."""

    layout: Annotated[str, ONE] = ""
    "The layout of the folder, where several fit."
    task: Annotated[str, ONE] = ""
    "What the network is for, such as segmentation, where the targets leave that open."
    classes: Annotated[tuple[str, ...], MANY] = ()
    "Names of the classes in the order of their values, or VALUE=NAME for each; separated by commas."
    ignore: Annotated[tuple[int, ...], MANY] = ()
    "A value of masks that counts for nothing; repeat the option for several."
    group: Annotated[str, ONE] = ""
    "What stays together in one split: folder, none, or a regular expression searched in each path."
    dims: Annotated[int | None, ONE] = None
    "2 reads the pages of a stack as images; 3 reads them, or consecutive slices, as volumes."
    limit: Annotated[int | None, ONE] = None
    "Train on a part of this many images, stratified where there are classes."
    size: Annotated[int | None, ONE] = None
    "Resize the shorter side to this many pixels and crop the centre."
    skip_bad: Annotated[bool, FLAG] = False
    "Leave out and count images that cannot be read."
    max_pixels: Annotated[int | None, ONE] = None
    "The largest picture that is decoded; by default the limit of Pillow."

    def flags(self) -> list[str]:
        """Return the options that `netwright check --data` has too, as words of a command."""
        given: dict[str, Any] = {
            "--layout": self.layout,
            "--task": self.task,
            "--classes": ",".join(self.classes),
            "--group": self.group,
            "--dims": self.dims,
            "--max-pixels": self.max_pixels,
        }
        words = [word for name, value in given.items() if value for word in (name, str(value))]
        return words + [word for value in self.ignore for word in ("--ignore", str(value))]

    def load(self, name: str, *, quiet: bool = False, **known: Any) -> "Data":
        """Return the data of that name; unless `quiet`, say on standard error what was understood of it.

        `known` are options of `Data.load`; those that the person gave come before them.
        """
        from netwright.data.examples import Data

        values = ((field, getattr(self, field.name)) for field in fields(self))
        given = {field.name: value for field, value in values if value != field.default}
        if self.classes:
            given["classes"] = tuple(part.strip() for text in self.classes for part in text.split(","))
        data = Data.load(name, **known | given)
        if not quiet:
            sys.stderr.write(f"{data.name}: {data.layout}\n" if data.layout else "")
            if data.skipped:
                sys.stderr.write(f"left out {data.skipped} images that cannot be read\n")
        return data
