"""The figures: what is drawn, and SVG fit for any page."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from netwright.study.curves import COLOURS, INK, MARKERS, costs, curves, picture, svg
from study.examples import HOT, PLAIN, RESIDUAL, SEGMENTATION, arm, design, segmentation, trial, two_by_two

FIGURES = [curves, costs]


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("colour", COLOURS)
def test_each_colour_stands_out_on_light_and_dark(colour):
    """WCAG 2.2, 1.4.11: graphics need a contrast of 3:1."""
    assert (1.05) / (luminance(colour) + 0.05) >= 3
    assert (luminance(colour) + 0.05) / (luminance("#16181d") + 0.05) >= 3


def test_ten_designs_differ_in_colour_and_in_marker():
    assert len(set(COLOURS)) == len(set(MARKERS)) == 10


@pytest.mark.parametrize("draw", FIGURES)
def test_svg_is_well_formed_and_refers_to_nothing_outside(make, draw):
    text = svg(draw, make(), "label")
    ET.fromstring(text)
    assert set(re.findall(r"[a-z]+://[^\"' )]+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', text)) <= set(ids)


def test_two_figures_on_one_page_share_no_id(make):
    ids = [set(re.findall(r' id="([^"]+)"', svg(draw, make(), "x"))) for draw in FIGURES]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("draw", FIGURES)
def test_text_and_axes_take_the_colour_of_the_page(make, draw):
    text = svg(draw, make(), "label")
    assert "currentColor" in text
    for colour in (INK, "#000000", "#ffffff", "white"):
        assert colour not in text
    assert "<style" not in text


@pytest.mark.parametrize("draw", FIGURES)
def test_equal_studies_give_equal_text(make, draw):
    assert svg(draw, make(), "x") == svg(draw, make(), "x")


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize("name", ["<script>", "a & b", "$x_{1}$", "$", "\\frac{", 'a"b', "x" * 200])
def test_hostile_names_are_text(make, draw, name):
    root = ET.fromstring(svg(draw, make(arm(name, trial(0, [0.5]))), "label"))
    assert not root.findall(".//{http://www.w3.org/2000/svg}script")
    words = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any(word.startswith(name[:20]) for word in words)


def test_test_is_solid_and_train_dashed_and_both_are_in_percent(make):
    lines = curves(make(PLAIN)).axes[0].lines
    dashed = [line for line in lines if line.get_linestyle() == "--"]
    solid = [line for line in lines if line.get_linestyle() == "-"]
    assert dashed[0].get_ydata() == pytest.approx(np.array([43.33, 28.33]), abs=0.01)
    assert solid[0].get_ydata() == pytest.approx(np.array([86.67, 56.67]), abs=0.01)


def test_the_band_is_one_deviation_and_never_below_zero(make):
    wide = arm("a", trial(0, [0.0]), trial(1, [0.2]))
    (band,) = curves(make(wide)).axes[0].collections
    heights = band.get_paths()[0].vertices[:, 1]
    assert heights.min() == 0
    assert heights.max() == pytest.approx(10 + 100 * np.std([0, 0.2], ddof=1))


def test_points_lie_at_macs_and_test_error(make):
    (axes,) = costs(make(PLAIN, RESIDUAL)).axes
    points = [container.lines[0].get_xydata()[0].tolist() for container in axes.containers]
    assert points == [pytest.approx([1000, 56.667], abs=1e-3), pytest.approx([1200, 1.3], abs=1e-3)]


@pytest.mark.parametrize("draw", FIGURES)
def test_a_design_that_failed_is_in_the_legend_only(make, draw):
    figure = draw(make(HOT))
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels[0] == "hot (failed)"
    assert not any(len(line.get_xdata()) for line in figure.axes[0].lines)


def test_errors_of_zero_have_a_place(make):
    (axes,) = curves(make(arm("a", trial(0, [0.0])))).axes
    assert axes.get_ylim()[0] == 0
    assert np.isfinite(axes.transData.transform((1, 0))).all()


def test_a_dice_has_a_linear_axis_in_its_own_unit(make):
    study = make(segmentation("unet", 0.8, 0.9), task=SEGMENTATION)
    for draw in FIGURES:
        (axes,) = draw(study).axes
        assert axes.get_yscale() == "linear"
        assert axes.get_ylabel().endswith("dice")
    dashed, solid = curves(study).axes[0].lines[:2]
    assert dashed.get_ydata() == pytest.approx([0.95])
    assert solid.get_ydata() == pytest.approx([0.85])


def test_costs_that_differ_by_more_than_ten_take_a_logarithmic_axis(make):
    arms = arm("a", trial(0, [0.5])), arm("b", trial(0, [0.4]))
    study = make(*arms, designs=[design("a", 1000), design("b", 100_000)])
    assert costs(study).axes[0].get_xscale() == "log"


def test_with_several_recipes_every_arm_has_a_line_a_point_and_a_sign_of_its_own(make):
    study = make(**two_by_two())
    for draw in FIGURES:
        labels = [text.get_text() for text in draw(study).legends[0].get_texts()]
        assert labels[:4] == [
            "plain with lr=0.05",
            "plain with lr=0.2",
            "residual with lr=0.05",
            "residual with lr=0.2",
        ]
    assert len(costs(study).axes[0].containers) == 4


def test_a_long_design_leaves_room_for_the_recipe_in_the_legend(make):
    parts = two_by_two()
    name = "resnet(depth=56, block='bottleneck')"
    study = make(**parts | {"designs": [design(name)], "arms": [replace(parts["arms"][0], design=name)]})
    assert curves(study).legends[0].get_texts()[0].get_text() == "resnet(depth=56, block=… with lr=0.05"


def test_a_long_legend_does_not_squeeze_the_axes(make):
    heights = []
    for count in (2, 10):
        figure = curves(make(*(arm(f"{'n' * 40}{index}", trial(0, [0.5])) for index in range(count))))
        figure.draw_without_rendering()
        heights.append(figure.axes[0].get_window_extent().height)
    assert heights[1] >= 0.9 * heights[0]


def test_a_picture_is_a_png(make, tmp_path):
    picture(curves, make(), tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
