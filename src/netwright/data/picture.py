"""An image, a volume or a map as its file holds it."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Picture:
    """Values of one image, volume or map, with what its file says about them.

    Args:
        values: The array [c, *space] in the type of the file and in native byte order; possibly a memory map.
            A map has one channel.
        spacing: The distance between neighbouring positions along each axis of space, in the unit of the
            file (millimetres for NIfTI); empty where the file does not say.
        affine: The matrix [4, 4] from positions to coordinates in the world, where the file has one.
        orientation: The EXIF orientation, from 1 (upright) to 8, that was undone by turning the image.
        palette: The colours [n, 3] of the values of a map that is stored as a picture with a palette.
        colours: Whether the values of the map are colours, red * 65536 + green * 256 + blue.
    """

    values: np.ndarray
    spacing: tuple[float, ...] = ()
    affine: np.ndarray | None = None
    orientation: int = 1
    palette: np.ndarray | None = None
    colours: bool = False

    @property
    def space(self) -> tuple[int, ...]:
        """The shape without the channels."""
        return self.values.shape[1:]
