"""How the files of a data set are to be read: the choices that a person can make."""

from dataclasses import dataclass

from netwright.errors import DataError

LARGE = 2**63


@dataclass(frozen=True)
class Reading:
    """What the caller says about a data set; whatever is empty is decided by the files.

    Args:
        layout: The name of the layout, where a folder fits several.
        task: The name of the task, where a layout offers several kinds of targets.
        classes: The names of the classes in the order of their values, or `value=name` for each.
        ignore: Values of a mask that count for nothing.
        group: What stays together in one split: "folder", "none", or a regular expression that is searched in
            the path of each image, whose first group (or whole match) is the name.
        dims: 2 reads the pages of a stack as images, 3 reads them, or consecutive slices in files of their
            own, as volumes.
        max_pixels: The largest image that is decoded; by default the limit of Pillow.
        column: The column of the labels, in a table.
    """

    layout: str = ""
    task: str = ""
    classes: tuple[str, ...] = ()
    ignore: tuple[int, ...] = ()
    group: str = ""
    dims: int | None = None
    max_pixels: int | None = None
    column: str = ""

    def __post_init__(self) -> None:
        if self.dims not in (None, 2, 3):
            raise DataError(f"`dims` (={self.dims}) must be 2 or 3.")
        if self.max_pixels is not None and self.max_pixels < 1:
            raise DataError(f"`max_pixels` (={self.max_pixels}) must be positive.")
        if large := [value for value in self.ignore if abs(value) >= LARGE]:
            raise DataError(f"`ignore` (={large[0]}) must be a value of a mask, an integer below 2^63.")


READING = Reading()
"""The reading of a caller who says nothing."""
