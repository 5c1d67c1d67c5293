"""NW503: a softmax without a dimension."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from fixing import fixed, network, written
from netwright.lint.run import check
from programs import findings, program, script


@pytest.mark.filterwarnings("ignore:Implicit dimension")
@pytest.mark.parametrize("rank", [1, 2, 3, 4, 5])
def test_the_dimension_that_is_named_is_the_one_torch_chooses(rank):
    class Net(nn.Module):
        def forward(self, x):
            return F.softmax(x)

    shape = (3, 4, 5, 6)[: rank - 1] if rank > 1 else ()
    x = torch.rand(2, *shape)
    [finding] = check(Net(), x, select=["NW503"])
    dim = finding.evidence["dim"]
    assert torch.equal(F.softmax(x), F.softmax(x, dim=dim))
    assert finding.evidence["shape"] == list(x.shape)


def test_of_three_dimensions_it_is_the_batch_and_says_so():
    messages = {finding.line: finding.message for finding in findings(program("NW503", "bad"))}
    assert "runs over dimension 0 of 3, the batch, whose size is 2" in messages[20]


@pytest.mark.filterwarnings("ignore:Implicit dimension")
def test_on_a_dimension_of_one_it_is_an_error_and_nw307_reports_it_too():
    class Net(nn.Linear):
        def forward(self, x):
            return F.softmax(super().forward(x))

    reported = check(Net(8, 1), (8,), select=["NW503", "NW307"])
    assert sorted((finding.code, finding.severity) for finding in reported) == [
        ("NW307", "error"),
        ("NW503", "error"),
    ]
    assert torch.equal(Net(8, 1)(torch.rand(4, 8)), torch.ones(4, 1))


@pytest.mark.filterwarnings("ignore:Implicit dimension")
def test_after_the_fix_tensors_of_two_and_four_dimensions_give_the_same(tmp_path):
    before = written("self.last = nn.LogSoftmax()", "return self.last(F.softmax(x))")
    (tmp_path / "net.py").write_text(before)
    x = torch.rand(2, 3, 4, 5)
    old = network(tmp_path, (3, 4, 5)).net(x)
    text, outcome = fixed(tmp_path, before, "NW503", "3x4x5")
    assert "nn.LogSoftmax(dim=1)" in text
    assert "F.softmax(x, dim=1)" in text
    assert outcome.findings == ()
    assert torch.equal(network(tmp_path, (3, 4, 5)).net(x), old)


def test_instead_of_the_batch_the_fix_takes_the_last_dimension(tmp_path):
    text, _ = fixed(tmp_path, written("", "return F.softmax(x)"), "NW503", "4x5")
    assert "F.softmax(x, dim=-1)" in text


HEAD = "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n"


@pytest.mark.parametrize(
    "call", ["F.softmax(x)", "F.log_softmax(x, dtype=d)", "nn.Softmax()", "nn.Softmin(dim=None)"]
)
def test_a_source_file_is_enough(call):
    assert script(f"{HEAD}y = {call}\n", "NW503") == [4]


@pytest.mark.parametrize(
    "call",
    ["F.softmax(x, 1)", "nn.Softmax(-1)", "F.softmin(x, 0)", "nn.Softmax2d()", "x.softmax(0)",
     "F.softmax(*x)", "nn.Softmax(**o)", "mine.softmax(x)", "F.gumbel_softmax(x)", "nn.Softmax(dim=d)"],
)  # fmt: skip
def test_a_dimension_that_is_given_or_may_be_is_enough(call):
    assert script(f"{HEAD}y = {call}\n", "NW503") == []
