"""An augmentation that makes images darker."""


class Dim:
    """Multiply every value by `factor`."""

    def __init__(self, factor: float = 0.5):
        self.factor = factor

    def __call__(self, inputs):
        """Return a darker batch of the same type."""
        return (inputs * self.factor).to(inputs.dtype)
