"""Shortcuts for operations on the meta device: the shapes of their results, without asking torch.

Torch derives the shapes of many operations by running a decomposition, which takes milliseconds each time and
a second of imports at the first (its compiler and its symbolic algebra). A shortcut returns `NotImplemented`
wherever it is not sure, above all for a mistake of the user; torch is then asked.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from netwright.trace.shortcut import elementwise, fresh, joining, norm, product, window

_aten = torch.ops.aten

SHORTCUTS: dict[Any, Callable[..., Any]] = {
    _aten.empty_like.default: fresh.same,
    _aten.zeros_like.default: fresh.same,
    _aten.ones_like.default: fresh.same,
    _aten.empty.memory_format: fresh.new,
    _aten.arange.default: fresh.numbers,
    _aten.arange.start: fresh.numbers,
    _aten.arange.start_step: fresh.numbers,
    _aten.clone.default: fresh.copied,
    _aten.convolution.default: window.convolution,
    _aten.max_pool2d_with_indices.default: partial(window.max_pool, 2),
    _aten.max_pool3d_with_indices.default: partial(window.max_pool, 3),
    _aten.avg_pool2d.default: partial(window.average_pool, 2),
    _aten.avg_pool3d.default: partial(window.average_pool, 3),
    _aten._adaptive_avg_pool2d.default: window.resized,
    _aten._adaptive_avg_pool3d.default: window.resized,
    _aten.adaptive_max_pool2d.default: window.adaptive_max_pool,
    _aten.adaptive_max_pool3d.default: window.adaptive_max_pool,
    _aten.constant_pad_nd.default: window.padded,
    _aten.replication_pad1d.default: window.padded,
    _aten.replication_pad2d.default: window.padded,
    _aten.replication_pad3d.default: window.padded,
    _aten.reflection_pad1d.default: partial(window.padded, mirrored=True),
    _aten.reflection_pad2d.default: partial(window.padded, mirrored=True),
    _aten.reflection_pad3d.default: partial(window.padded, mirrored=True),
    _aten.upsample_nearest1d.default: window.resized,
    _aten.upsample_nearest2d.default: window.resized,
    _aten.upsample_nearest3d.default: window.resized,
    _aten.upsample_linear1d.default: window.resized,
    _aten.upsample_bilinear2d.default: window.resized,
    _aten.upsample_bicubic2d.default: window.resized,
    _aten.upsample_trilinear3d.default: window.resized,
    _aten.native_batch_norm.default: norm.batch_norm,
    _aten.native_layer_norm.default: norm.layer_norm,
    _aten.native_group_norm.default: norm.group_norm,
    _aten.addmm.default: product.product,
    _aten.mm.default: product.matrices,
    _aten.bmm.default: product.matrices,
    _aten._scaled_dot_product_flash_attention_for_cpu.default: product.attention,
    _aten.embedding.default: product.embedding,
    _aten.cat.default: joining.concatenation,
    _aten.stack.default: joining.stack,
    _aten.mean.dim: joining.reduction,
    _aten.sum.dim_IntList: joining.reduction,
    _aten.amax.default: joining.reduction,
    _aten.linalg_vector_norm.default: joining.vector_norm,
    _aten._softmax.default: elementwise.softmax,
    _aten._log_softmax.default: elementwise.softmax,
    _aten._safe_softmax.default: elementwise.safe_softmax,
    _aten.roll.default: elementwise.roll,
}
for _name in elementwise.NAMES:
    for _packet, _shortcut in ((_name, elementwise.elementwise), (f"{_name}_", elementwise.in_place)):
        if hasattr(_aten, _packet):
            _overloads = getattr(_aten, _packet)
            SHORTCUTS |= {getattr(_overloads, o): _shortcut for o in _overloads.overloads() if "out" not in o}
