"""What a picture says of itself."""

import numpy as np

from netwright.data.picture import Picture


def test_space_is_the_shape_without_the_channels():
    assert Picture(np.zeros((3, 7, 5))).space == (7, 5)
    assert Picture(np.zeros((1, 4, 7, 5))).space == (4, 7, 5)


def test_a_picture_of_which_a_file_says_nothing_is_upright_and_has_neither_spacing_nor_affine():
    picture = Picture(np.zeros((1, 2, 2)))
    assert (picture.spacing, picture.affine, picture.orientation, picture.colours) == ((), None, 1, False)
