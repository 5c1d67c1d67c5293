"""Families fitted to budgets."""

import pytest

from netwright.analysis.macs import macs
from netwright.design import fit
from netwright.errors import DesignError, InfeasibleError, SpecError
from netwright.spec import load

IMAGE = (3, 32, 32)


def params(spec: str) -> int:
    return sum(p.numel() for p in load(spec, input=IMAGE).parameters())


def test_a_bottleneck_net_matches_the_macs_of_resnet_56_within_1_percent():
    """ResNet-56 has 125,485,696 MACs (He 2015)."""
    fitted = fit('resnet(block="bottleneck")', input=IMAGE, match="resnet56", by="macs")
    assert abs(macs(load(fitted.spec), IMAGE) / 125_485_696 - 1) <= 0.01
    assert "bottleneck" in fitted.spec
    assert fitted.macs == macs(load(fitted.spec), IMAGE)


def test_a_dense_net_matches_the_parameters_of_a_plain_one_within_1_percent():
    """Plain-20 has the parameters of ResNet-20, 269,722 (He 2015)."""
    fitted = fit("densenet_bc", input=IMAGE, match="plain20")
    assert abs(params(fitted.spec) / 269_722 - 1) <= 0.01
    assert fitted.params == params(fitted.spec)


def test_the_widest_within_a_budget_is_found_and_one_wider_is_over_it():
    fitted = fit("plain20", input=IMAGE, max_params=300_000)
    width = int(fitted.spec.split("=")[1].rstrip(")"))
    assert params(f"plain20(width={width})") <= 300_000 < params(f"plain20(width={width + 1})")


def test_the_deepest_at_the_usual_width_is_found_where_the_depth_is_open():
    fitted = fit("resnet", input=IMAGE, max_macs=70_000_000)
    assert fitted.spec == "resnet(width=16, depth=32)"
    assert fitted.macs <= 70_000_000 < macs(load("resnet(depth=38)"), IMAGE)


def test_what_the_spec_gives_is_kept():
    fitted = fit("plain20(classes=3)", input=IMAGE, max_params=100_000)
    assert "classes=3" in fitted.spec


@pytest.mark.parametrize(
    ("spec", "options", "kind", "said"),
    [
        ("plain20", {}, DesignError, "give one budget"),
        ("plain20", {"max_params": 9, "max_macs": 9}, DesignError, "give one budget"),
        ("plain20", {"max_params": 0}, DesignError, "`max_params` (=0) must be at least 1"),
        ("plain20", {"match": "resnet20", "by": "beauty"}, DesignError, "`by` (='beauty')"),
        ("plain20(width=4)", {"max_params": 9}, DesignError, "has no free width"),
        ("convnet", {"max_params": 9}, DesignError, "has no free width"),
        ("torch.nn:Linear(3, 4)", {"max_params": 9}, DesignError, "is not a registered family"),
        ("plane20", {"max_params": 9}, SpecError, "did you mean plain20"),
        ("plain20", {"match": "resnat20"}, SpecError, "did you mean resnet20"),
        ("plain20", {"max_params": 9}, InfeasibleError, "has 1,207 params; the budget is 9"),
        ("bottleneck56", {"match": "resnet56", "by": "macs"}, InfeasibleError, "the nearest, bottleneck56("),
    ],
)  # fmt: skip
def test_what_cannot_be_fitted_is_refused_with_one_sentence(spec, options, kind, said):
    with pytest.raises(kind) as caught:
        fit(spec, input=IMAGE, **options)
    assert said in str(caught.value)
