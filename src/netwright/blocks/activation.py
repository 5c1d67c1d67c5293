"""Activations, and the table of their names for the command line."""

from collections.abc import Callable, Mapping
from functools import partial

from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from netwright.errors import UsageError

Activation = Callable[[], nn.Module]


class Maxout(nn.Module):
    """Take the largest of every `pieces` neighbouring channels (Goodfellow et al. 2013, "Maxout Networks").

    Shape: `b pieces*channels *space` → `b channels *space`.

    >>> import torch
    >>> Maxout(2)(torch.tensor([[1.0, 5.0, 4.0, 3.0]]))
    tensor([[5., 4.]])
    """

    def __init__(self, pieces: int = 2):
        super().__init__()
        self.pieces = pieces

    def forward(self, x: Float[Tensor, "b c *space"]) -> Float[Tensor, "b c2 *space"]:
        """Group the channels and take the largest of each group."""
        if x.shape[1] % self.pieces:
            raise UsageError(
                f"the number of channels (={x.shape[1]}) must be a multiple of `pieces` (={self.pieces}); "
                f"give the layer before it {x.shape[1] + -x.shape[1] % self.pieces} outputs."
            )
        return rearrange(x, "b (c pieces) ... -> b c pieces ...", pieces=self.pieces).amax(2)

    def extra_repr(self) -> str:
        """Show the number of pieces in `print(net)`."""
        return f"pieces={self.pieces}"


ACTIVATIONS: Mapping[str, Activation] = {
    "relu": nn.ReLU,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softmax": partial(nn.Softmax, dim=1),
    "maxout": Maxout,
    "silu": nn.SiLU,
    "swish": nn.SiLU,
    "gelu": nn.GELU,
    "none": nn.Identity,
}
"""Softmax runs over channels. Swish with β = 1 is SiLU (Ramachandran et al. 2017; Elfwing et al. 2018)."""
