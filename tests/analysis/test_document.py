"""The JSON document keeps its documented keys."""

from json import loads

from torch import linalg, nn

from netwright import summary
from netwright.analysis.document import SCHEMA, document, json
from netwright.analysis.memory import memory

NET = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 2))


def test_the_schema_and_the_keys_are_those_documented():
    content = loads(json(summary(NET, (3, 8, 8))))
    assert content["schema"] == SCHEMA == "netwright.summary/2"
    assert set(content) == {
        "schema", "name", "recorded", "training", "batch", "inputs", "outputs", "totals", "notes", "rows",
    }  # fmt: skip
    assert set(content["totals"]) == {
        "params", "trainable", "param_bytes", "macs", "flops", "backward_macs", "saved_bytes",
        "saved_inexact", "sees", "sees_with_norms", "uncounted", "receptive_field", "never_read",
    }  # fmt: skip


def test_the_first_row_has_the_totals():
    content = document(summary(NET, (3, 8, 8)))
    first = content["rows"][0]
    assert (first["depth"], first["kind"]) == (0, "Sequential")
    assert {key: first[key] for key in ("params", "macs", "saved_bytes")} == {
        key: content["totals"][key] for key in ("params", "macs", "saved_bytes")
    }
    assert [row["outputs"] for row in content["rows"][1:]] == [[[4, 6, 6]], [[4, 6, 6]], [[144]], [[2]]]


def test_memory_is_present_when_asked_for():
    facts = summary(NET, (3, 8, 8), batch=4)
    needed = memory(facts.graph, "adam")
    assert document(facts, needed)["memory"]["peak"] == needed.peak
    assert "memory" not in document(facts)


def test_a_failure_is_given_with_its_fix():
    failure = document(summary(NET, (3, 9, 9)))["failure"]
    assert failure["module"] == "3"
    assert failure["fix"] == "nn.Linear(196, 2)"
    assert failure["where"] is None or ":" in failure["where"]


def test_what_is_never_read_and_what_norms_see_are_given():
    net = nn.Sequential(nn.Conv2d(3, 4, 1, stride=2), nn.GroupNorm(2, 4))
    content = loads(json(summary(net, (3, 4, 6))))
    assert content["totals"]["never_read"] == [
        {
            "input": 0,
            "axes": [
                {"axis": 2, "size": 4, "positions": [1, 3]},
                {"axis": 3, "size": 6, "positions": [1, 3, 5]},
            ],
            "share": 0.75,
            "lost": "0",
        }
    ]
    strict = "fixed 3 +0 x fixed 5 +0"
    assert [row["sees_with_norms"] for row in content["rows"]] == [strict, None, strict]
    assert document(summary(NET, (3, 8, 8)))["totals"]["never_read"] == []


def test_the_gaps_of_an_unknown_field_are_null():
    class Odd(nn.Module):
        def forward(self, x):
            return linalg.svdvals(x)

    (axis,) = document(summary(Odd(), (3, 8)))["totals"]["receptive_field"]
    assert (axis["kind"], axis["holes"], axis["unread"]) == ("unknown", None, None)
