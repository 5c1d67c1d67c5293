"""Building blocks for 1-D, 2-D and 3-D networks; each is a plain `nn.Module`.

The public names load on first use: `netwright.blocks.NormedConv`.
"""

from typing import TYPE_CHECKING

from netwright.lazy import attach

if TYPE_CHECKING:
    from netwright.blocks.activation import ACTIVATIONS as ACTIVATIONS
    from netwright.blocks.activation import Maxout as Maxout
    from netwright.blocks.attention import ChannelAttention as ChannelAttention
    from netwright.blocks.attention import PositionAttention as PositionAttention
    from netwright.blocks.attention import SelfAttention as SelfAttention
    from netwright.blocks.attention import SqueezeExcite as SqueezeExcite
    from netwright.blocks.conv import Double as Double
    from netwright.blocks.conv import Halve as Halve
    from netwright.blocks.conv import NormedConv as NormedConv
    from netwright.blocks.conv import Point as Point
    from netwright.blocks.conv import PreConv as PreConv
    from netwright.blocks.conv import convolution as convolution
    from netwright.blocks.dense import DenseBlock as DenseBlock
    from netwright.blocks.dense import DenseLayer as DenseLayer
    from netwright.blocks.dense import Transition as Transition
    from netwright.blocks.filters import FILTERS as FILTERS
    from netwright.blocks.filters import filtered as filtered
    from netwright.blocks.filters import gaussian as gaussian
    from netwright.blocks.filters import learn_kernel as learn_kernel
    from netwright.blocks.fractal import FractalAttention as FractalAttention
    from netwright.blocks.fractal import FractalUnit as FractalUnit
    from netwright.blocks.hourglass import HalfBottleneck as HalfBottleneck
    from netwright.blocks.hourglass import Hourglass as Hourglass
    from netwright.blocks.inception import Inception as Inception
    from netwright.blocks.inception import NaiveInception as NaiveInception
    from netwright.blocks.initialise import INITIALISERS as INITIALISERS
    from netwright.blocks.initialise import scale_by_data as scale_by_data
    from netwright.blocks.norm import NORMS as NORMS
    from netwright.blocks.parameters import measure_gradients as measure_gradients
    from netwright.blocks.pooling import POOLS as POOLS
    from netwright.blocks.pooling import Blur as Blur
    from netwright.blocks.pooling import GlobalAverage as GlobalAverage
    from netwright.blocks.preactivation import PreBasic as PreBasic
    from netwright.blocks.preactivation import PreBottleneck as PreBottleneck
    from netwright.blocks.preactivation import Wide as Wide
    from netwright.blocks.residual import Basic as Basic
    from netwright.blocks.residual import Bottleneck as Bottleneck
    from netwright.blocks.residual import OriginalBottleneck as OriginalBottleneck
    from netwright.blocks.residual import Plain as Plain
    from netwright.blocks.residual import Residual as Residual
    from netwright.blocks.residual import StochasticDepth as StochasticDepth
    from netwright.blocks.residual import Subsample as Subsample
    from netwright.blocks.residual import option_a as option_a
    from netwright.blocks.residual import option_b as option_b
    from netwright.blocks.residual import stages as stages
    from netwright.blocks.unet import CroppedUp as CroppedUp
    from netwright.blocks.unet import Down as Down
    from netwright.blocks.unet import Pair as Pair
    from netwright.blocks.unet import Up as Up

_MODULES = {
    "conv": "NormedConv Point Halve Double PreConv convolution",
    "activation": "Maxout ACTIVATIONS",
    "norm": "NORMS",
    "pooling": "Blur GlobalAverage POOLS",
    "residual": "Residual StochasticDepth Subsample option_a option_b "
    "Basic Bottleneck OriginalBottleneck Plain stages",
    "preactivation": "PreBasic PreBottleneck Wide",
    "inception": "Inception NaiveInception",
    "dense": "DenseBlock DenseLayer Transition",
    "attention": "SelfAttention PositionAttention ChannelAttention SqueezeExcite",
    "fractal": "FractalAttention FractalUnit",
    "hourglass": "Hourglass HalfBottleneck",
    "unet": "Pair Down Up CroppedUp",
    "initialise": "INITIALISERS scale_by_data",
    "parameters": "measure_gradients",
    "filters": "FILTERS filtered gaussian learn_kernel",
}

__getattr__, __dir__, __all__ = attach("netwright.blocks", _MODULES)
