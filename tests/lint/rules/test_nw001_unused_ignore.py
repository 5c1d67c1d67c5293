"""NW001: ignores that suppress nothing."""

from netwright.lint.rules.nw001_unused_ignore import remark
from netwright.lint.run import check
from netwright.lint.script import Script
from netwright.lint.session import Session
from netwright.lint.suppress import ignores
from programs import findings, program


def test_the_unused_comment_is_deleted_and_the_line_stays(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("steps = 10  # netwright: ignore[NW708] old\n")
    Session([str(file)]).fix(unsafe=False, write=True)
    assert file.read_text() == "steps = 10\n"


def test_a_comment_of_several_codes_is_left_to_its_writer():
    text = "steps = 10  # netwright: ignore[NW708, NW701] old"
    said = [remark(ignore, text) for ignore in ignores(Script.parse(text))]
    assert [finding.fix.kind for finding in said] == ["manual", "manual"]


def test_an_ignore_of_a_rule_that_did_not_run_is_not_judged():
    assert len(findings(program("NW001", "bad"), select=["NW701", "NW001"])) == 1


def test_an_ignore_for_the_network_is_not_judged_by_the_script(tmp_path):
    file = tmp_path / "net.py"
    comment = "# netwright: ignore[NW103] odd"
    file.write_text(f"from torch import nn\nlayer = nn.Conv2d(3, 3, 1, padding=1)  {comment}\n")
    assert check(str(file)) == []


def test_an_ignore_for_the_network_is_judged_where_its_layers_are_built(tmp_path):
    file = tmp_path / "net.py"
    text = (
        "from torch import nn\ndef net():\n    return nn.Conv2d(3, 3, 1{})  # netwright: ignore[NW103] odd\n"
    )
    file.write_text(text.format(""))
    assert [finding.code for finding in check(f"{file}:net", (3, 8, 8))] == ["NW001"]
    file.write_text(text.format(", padding=1"))
    assert check(f"{file}:net", (3, 8, 8)) == []
