"""Whole networks, and the registry that names them.

The public names load on first use: `netwright.models.resnet`. Each function builds a network, and so does
`netwright.load` from a text.
"""

from typing import TYPE_CHECKING

from netwright.lazy import attach

if TYPE_CHECKING:
    from netwright.models.families.alexnet import alexnet as alexnet
    from netwright.models.families.autoencoder import Autoencoder as Autoencoder
    from netwright.models.families.autoencoder import autoencoder as autoencoder
    from netwright.models.families.autoencoder import decoder as decoder
    from netwright.models.families.autoencoder import encoder as encoder
    from netwright.models.families.convnet import convnet as convnet
    from netwright.models.families.convnet import mlp as mlp
    from netwright.models.families.densenet import densenet as densenet
    from netwright.models.families.densenet import densenet_bc as densenet_bc
    from netwright.models.families.fractal_resunet import fractal_resunet as fractal_resunet
    from netwright.models.families.googlenet import googlenet as googlenet
    from netwright.models.families.hourglass import hourglass as hourglass
    from netwright.models.families.imagenet_resnet import imagenet_resnet as imagenet_resnet
    from netwright.models.families.lenet import lenet5 as lenet5
    from netwright.models.families.nin import nin as nin
    from netwright.models.families.preresnet import preresnet as preresnet
    from netwright.models.families.preresnet import preresnet200 as preresnet200
    from netwright.models.families.resnet import plain as plain
    from netwright.models.families.resnet import resnet as resnet
    from netwright.models.families.series import series_resnet as series_resnet
    from netwright.models.families.unet import UNet as UNet
    from netwright.models.families.unet import unet as unet
    from netwright.models.families.unet import unet3d as unet3d
    from netwright.models.families.unet import unet_same as unet_same
    from netwright.models.families.vgg import vgg as vgg
    from netwright.models.families.vit import ViT as ViT
    from netwright.models.families.vit import vit as vit
    from netwright.models.families.wide_resnet import wide_resnet as wide_resnet
    from netwright.models.registry import Entry as Entry
    from netwright.models.registry import entries as entries

_MODULES = {
    "registry": "Entry entries",
    "families.alexnet": "alexnet",
    "families.autoencoder": "Autoencoder autoencoder decoder encoder",
    "families.convnet": "convnet mlp",
    "families.densenet": "densenet densenet_bc",
    "families.fractal_resunet": "fractal_resunet",
    "families.googlenet": "googlenet",
    "families.hourglass": "hourglass",
    "families.imagenet_resnet": "imagenet_resnet",
    "families.lenet": "lenet5",
    "families.nin": "nin",
    "families.preresnet": "preresnet preresnet200",
    "families.resnet": "plain resnet",
    "families.series": "series_resnet",
    "families.unet": "UNet unet unet3d unet_same",
    "families.vgg": "vgg",
    "families.vit": "ViT vit",
    "families.wide_resnet": "wide_resnet",
}

__getattr__, __dir__, __all__ = attach("netwright.models", _MODULES)
