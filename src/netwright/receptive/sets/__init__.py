"""Sets of input positions and the arithmetic on them, on numpy arrays: no torch."""
