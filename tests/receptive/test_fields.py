"""Receptive fields of random networks against float64 gradients, and against published figures."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import strategies  # noqa: F401  # loads the profile
from networks import KINDS, MAX_POOL, STEPS, Join, claimed, cubic, networks, poolings, seen
from netwright.receptive.fields import fields
from netwright.spec import load
from netwright.trace.record import record
from published import LAST_MAPS


def projections(net, given_sizes):
    """Yield, for each input axis, what each output unit reads by our sets and by the gradient."""
    graph = record(net, (1, *given_sizes))
    known, key = fields(graph, (tuple(range(2, 2 + len(given_sizes))),)), graph.outputs[0].key
    truth = seen(net, given_sizes)
    for axis in range(len(given_sizes)):
        others = tuple(a + 1 for a in range(len(given_sizes)) if a != axis)
        support = known.reach(key, 0, axis + 2, support=True)
        hull = known.reach(key, 0, axis + 2)
        yield hull, support, truth.any(axis=others)


def ends(rows):
    """Return the first and last position of each row of booleans; (0, -1) where there is none."""
    return [(int(r.argmax()), len(r) - 1 - int(r[::-1].argmax())) if r.any() else (0, -1) for r in rows]


def hulls(reach):
    """Return the first and last position of each unit, in order; (0, -1) where it reads nothing."""
    dims, lo, hi = reach.spans()
    shape = [reach.shape[d] if d in dims else 1 for d in range(len(reach.shape))]
    lo, hi = (np.broadcast_to(a.reshape(shape), reach.shape).reshape(-1) for a in (lo, hi))
    return [(int(a), int(b)) if a <= b else (0, -1) for a, b in zip(lo, hi, strict=True)]


def check_exact(net, sizes):
    for hull, support, truth in projections(net, sizes):
        assert not hull.unknown
        assert not hull.bound
        np.testing.assert_array_equal(claimed(support), truth)
        assert hulls(hull) == ends(truth)


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_networks_that_begin_with_each_kind_of_operation_see_exactly_what_the_gradient_reaches(kind, dims):
    @settings(max_examples=12)
    @given(networks(dims, first=KINDS[kind], longest=3))
    def check(drawn):
        check_exact(*drawn)

    check()


@pytest.mark.parametrize("dims", [1, 2])
@pytest.mark.parametrize("joins", [(0, 0), (1, 1)], ids=["skips", "concatenations"])
def test_networks_of_branches_see_exactly_what_the_gradient_reaches(joins, dims):
    @settings(max_examples=20)
    @given(networks(dims, joins=joins, longest=3))
    def check(drawn):
        check_exact(*drawn)
        assert any(isinstance(module, Join) for module in drawn[0].modules()) or not len(drawn[0])

    check()


@settings(max_examples=40)
@given(networks(1))
def test_sequences_with_positive_weights_see_exactly_what_the_gradient_reaches(drawn):
    check_exact(*drawn)


@settings(max_examples=40)
@given(networks(2))
def test_images_with_positive_weights_see_exactly_what_the_gradient_reaches(drawn):
    check_exact(*drawn)


@given(networks(2, steps=(*STEPS, partial(poolings, kinds=MAX_POOL), cubic), longest=3), st.integers(0, 99))
def test_with_weights_of_any_sign_the_gradient_stays_inside_the_sets(drawn, seed):
    net, sizes = drawn
    generator = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        nn.init.normal_(parameter, generator=generator)
    x = torch.randn(1, 1, *sizes, dtype=torch.float64, generator=generator)
    graph = record(net, (1, *sizes))
    known = fields(graph)
    truth = seen(net, sizes, x)
    for axis in (0, 1):
        support = known.reach(graph.outputs[0].key, 0, axis + 2, support=True)
        assert not (truth.any(axis=2 - axis) & ~claimed(support)).any()


def last_map(graph):
    """Return the last convolutional map, which global pooling reads."""
    return next(op.inputs[0] for op in graph.ops if op.name.startswith("adaptive"))


@pytest.mark.parametrize(("build", "size"), LAST_MAPS.values(), ids=LAST_MAPS)
def test_the_last_map_of_published_networks_sees_the_published_size(build, size):
    graph = record(build(), (3, 224, 224))
    known = fields(graph)
    (field,) = known[last_map(graph).key].inputs
    assert [(e.kind, e.size, e.stride, e.bound) for e in field.extents] == [("uniform", size, 32, False)] * 2
    assert known[graph.outputs[0].key].text() == "whole"


@pytest.mark.parametrize(("build", "size"), LAST_MAPS.values(), ids=LAST_MAPS)
def test_the_published_size_is_what_a_unit_sees_of_an_image_large_enough(build, size):
    """The exact sets of an image in which a whole field fits agree with the size on the endless axis."""
    graph = record(build(), (3, 2048, 96))
    _, lo, hi = fields(graph).reach(last_map(graph).key, 0, 2).spans()
    assert ((hi - lo + 1)[(lo > 0) & (hi < 2047)] == size).all()
    assert ((lo > 0) & (hi < 2047)).sum() > 10


# Size, stride and padding of the last map as the table of github.com/google-research/receptive_field has it,
# the library of Araujo, Norris & Sim 2019, "Computing receptive fields of convolutional neural networks".
SURVEY = {"alexnet": ((3, 227, 227), 195, 32, 64), "vgg16": ((3, 224, 224), 212, 32, 90)}


@pytest.mark.parametrize(("name", "figures"), SURVEY.items(), ids=SURVEY)
def test_our_classics_have_the_fields_of_the_survey(name, figures):
    shape, size, stride, padding = figures
    graph = record(load(name).eval(), shape)
    windows = [op.outputs[0] for op in graph.ops if op.name.startswith(("conv", "max_pool"))]
    (field,) = fields(graph)[windows[-1].key].inputs
    assert [(e.size, e.stride, e.offset) for e in field.extents] == [(size, stride, -padding)] * 2


class UNet(nn.Module):
    """Two levels, padded, with a skip by concatenation."""

    def __init__(self):
        super().__init__()
        self.down, self.low = nn.Conv2d(1, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)
        self.up, self.out = nn.ConvTranspose2d(2, 2, 2, 2), nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, x):
        skip = self.down(x)
        low = self.low(nn.functional.max_pool2d(skip, 2))
        return self.out(torch.cat([skip, self.up(low)], 1))


def test_the_field_of_a_decoder_is_not_uniform_and_has_the_largest_size():
    """After 3x3, pool 2, 3x3, up by 2 and 3x3 a field has 10 positions, two further on every second unit."""
    graph = record(UNet(), (1, 64, 64))
    (field,) = fields(graph)[graph.outputs[0].key].inputs
    assert field.text() == "non-uniform 10 /1"


def test_normalisation_is_left_out_unless_it_is_asked_for():
    def texts(norm, training=False):
        net = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), norm, nn.Conv2d(8, 8, 3, padding=1))
        graph = record(net.train(training), (3, 16, 16), batch=2)
        known, key = fields(graph), graph.outputs[0].key
        return known[key].text(), known.strict(key).text()

    assert texts(nn.GroupNorm(2, 8)) == ("5 /1 -2", "whole")
    assert texts(nn.InstanceNorm2d(8)) == ("5 /1 -2", "whole")
    assert texts(nn.LayerNorm((8, 16, 16))) == ("5 /1 -2", "whole")
    assert texts(nn.LayerNorm(16)) == ("5 /1 -2", "5 /1 -2 x whole")
    assert texts(nn.BatchNorm2d(8), training=True) == ("5 /1 -2", "whole")
    assert texts(nn.BatchNorm2d(8)) == ("5 /1 -2", "5 /1 -2")


def test_each_input_has_its_own_field():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.image, self.sound = nn.Conv2d(3, 4, 5), nn.Conv1d(1, 4, 3)

        def forward(self, image, sound):
            return self.image(image), self.sound(sound).mean(-1)

    graph = record(Two(), ((3, 16, 16), (1, 32)))
    known = fields(graph)
    image, sound = graph.outputs
    assert known[image.key].text() == "0: 5 /1 +0"
    assert known[sound.key].text() == "1: whole"
    assert [s.text() for s in known[sound.key].inputs] == ["nothing", "whole"]


def test_fields_after_an_operation_without_a_reader_are_unknown():
    class Odd(nn.Module):
        def forward(self, x):
            return torch.linalg.svdvals(x[0]) + x.mean()

    graph = record(Odd(), (3, 8, 8))
    assert fields(graph)[graph.outputs[0].key].text() == "unknown (linalg_svdvals)"


def test_attention_sees_the_whole_sequence_and_causal_attention_what_came_before():
    class Attend(nn.Module):
        def __init__(self, causal):
            super().__init__()
            self.causal, self.qkv = causal, nn.Linear(8, 24)

        def forward(self, x):
            q, k, v = self.qkv(x).chunk(3, -1)
            return nn.functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)

    for causal in (False, True):
        graph = record(Attend(causal), (6, 8))
        known, key = fields(graph), graph.outputs[0].key
        truth = np.tril(np.ones((6, 6), dtype=bool)) if causal else np.ones((6, 6), dtype=bool)
        sets = claimed(known.reach(key, 0, 1, support=True)).reshape(6, 8, 6)
        assert (sets == truth[:, None]).all()
        assert known[key].text() == ("non-uniform 6" if causal else "whole")


def test_windows_extracted_by_view_and_permute_keep_their_exact_field():
    """With attention inside 4x4 windows, as in Swin, each unit sees only its own window."""

    class Windows(nn.Module):
        def forward(self, x):
            b, c, h, w = x.shape
            cut = x.view(b, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 3, 5, 1).reshape(-1, 16, c)
            cut = nn.functional.scaled_dot_product_attention(cut, cut, cut)
            back = cut.view(b, h // 4, w // 4, 4, 4, c).permute(0, 5, 1, 3, 2, 4)
            return back.reshape(b, c, h, w)

    graph = record(Windows(), (2, 8, 8))
    known, key = fields(graph), graph.outputs[0].key
    for axis in (2, 3):
        _, lo, hi = known.reach(key, 0, axis).spans()
        assert lo.tolist() == [0] * 4 + [4] * 4
        assert hi.tolist() == [3] * 4 + [7] * 4
    (field,) = known[key].inputs
    assert [(e.kind, e.size) for e in field.extents] == [("non-uniform", 4)] * 2


def test_dilation_alone_leaves_holes_and_a_strided_1x1_positions_never_read():
    graph = record(nn.Conv1d(1, 1, 3, dilation=3), (1, 32))
    (gap,) = fields(graph).gaps(graph.outputs[0].key)[0]
    assert (gap.holes, gap.unread) == (4, ())
    graph = record(nn.Conv2d(3, 4, 1, stride=2), (3, 8, 8))
    for gap in fields(graph).gaps(graph.outputs[0].key)[0]:
        assert (gap.holes, gap.unread) == (0, (1, 3, 5, 7))


def test_writing_into_a_view_reaches_the_tensor_it_is_a_view_of():
    class Write(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(1, 1, 3, padding=1)

        def forward(self, x):
            out = torch.zeros_like(x)
            out[:, :, 2:4].copy_(self.conv(x)[:, :, :2])
            return out

    graph = record(Write(), (1, 8))
    truth = np.zeros((8, 8), dtype=bool)
    truth[2, :2] = truth[3, :3] = True
    ours = claimed(fields(graph).reach(graph.outputs[0].key, 0, 2, support=True))
    np.testing.assert_array_equal(ours, truth)


def test_a_later_write_into_a_view_leaves_the_field_of_the_tensor_as_it_was_made():
    class Ghost(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv1d(1, 2, 3, padding=1)

        def forward(self, x):
            wide = self.conv(x)
            part = wide[:, :1]
            part += x.flip(2)
            return part + wide

    graph = record(Ghost(), (1, 32))
    known = fields(graph)
    texts = {op.name: known[op.outputs[0].key].text() for op in graph.ops}
    assert texts["conv1d"] == "3 /1 -1"
    assert texts["add"] == "non-uniform 32 ∘29"  # unit 0 reads 0 and 1, and 31 by the flip


def test_assignment_to_slices_interleaves_exactly():
    class Interleave(nn.Module):
        def forward(self, x):
            out = x.new_zeros((x.shape[0], 1, 16))
            out[:, :, 0::2] = x
            out[:, :, 1::2] = x.flip(-1)
            return out

    graph = record(Interleave(), (1, 8))
    ours = claimed(fields(graph, ((2,),)).reach(graph.outputs[0].key, 0, 2, support=True))
    assert (ours[::2] == seen_by_impulses(Interleave(), 8)[::2]).all()
    assert (ours == seen_by_impulses(Interleave(), 8)).all()


def seen_by_impulses(net, size):
    """Return which input positions each output position of a sequence depends on."""
    return (net(torch.eye(size, dtype=torch.float64)[:, None])[:, 0] != 0).T.numpy()


def test_a_field_as_plain_data_has_for_each_axis_its_norms_and_its_gaps():
    net = nn.Sequential(nn.Conv2d(1, 2, (3, 1), stride=(1, 2), dilation=(2, 1)), nn.GroupNorm(1, 2))
    graph = record(net, (1, 9, 8))
    rows, columns = fields(graph).document(graph.outputs[0].key)
    assert (rows["input"], rows["axis"], rows["kind"], rows["size"], rows["stride"]) == (
        0,
        2,
        "uniform",
        5,
        1,
    )
    assert (rows["offset"], rows["holes"], rows["unread"]) == (0, 2, [])
    assert (rows["with_norms"], rows["bound"], rows["covers"]) == ("whole", False, False)
    # Strictly, statistics over the columns read reach to the last column read, and no further.
    assert (columns["with_norms"], columns["unread"]) == ("fixed 7 +0", [1, 3, 5, 7])


def test_fields_are_a_mapping_of_every_tensor_made():
    graph = record(nn.Sequential(nn.Conv1d(1, 1, 3), nn.ReLU()), (1, 8))
    known = fields(graph)
    keys = [tensor.key for tensor in (*graph.inputs, *(t for op in graph.ops for t in op.outputs))]
    assert list(known) == keys
    assert len(known) == len(keys)
    assert all(key in known for key in keys)
    assert known[keys[-1]] is known[keys[-1]]
    assert max(keys) + 1 not in known
    with pytest.raises(KeyError):
        known[max(keys) + 1]
