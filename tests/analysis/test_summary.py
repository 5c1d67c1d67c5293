"""`nw.summary` records a network, and its views show the same facts."""

import json

from torch import nn

import netwright as nw


def test_the_evaluation_mode_can_be_asked_for():
    net = nn.Sequential(nn.Linear(8, 8), nn.Dropout())
    assert nw.summary(net, (8,)).saved_bytes > nw.summary(net, (8,), training=False).saved_bytes


def test_text_json_markdown_and_html_have_the_same_totals():
    summary = nw.summary(nn.Linear(100, 20), (100,))
    assert json.loads(summary.to_json())["totals"]["params"] == 2020
    assert all("2,020" in view for view in (str(summary), summary.to_markdown(), summary._repr_html_()))


def test_a_failing_network_still_has_its_facts_and_the_explanation():
    summary = nw.summary(nn.Sequential(nn.Linear(4, 3), nn.Linear(4, 2)), (4,))
    assert (summary.params, summary.macs) == (25, 12)
    assert summary.failure.module == "1"
    assert "nn.Linear(3, 2)" in str(summary)


def test_the_table_is_headed_by_the_name_or_the_class():
    named = nw.summary(nn.Linear(3, 2), (3,), name="head")
    assert str(named).splitlines()[1].startswith("head ")
    assert str(nw.summary(nn.Linear(3, 2), (3,))).splitlines()[1].startswith("Linear ")
