"""The catalogue: our rules, found by walking their package, and the rules of other packages."""

import json
import warnings
from pathlib import Path

import pytest
from torch import nn

import netwright as nw
import netwright.lint.rules
from netwright.lint.catalogue import rules, selection
from netwright.lint.page import text
from netwright.lint.report import FORMATS
from netwright.lint.rule import Rule
from netwright.plugins import PluginWarning

RULE = '''"""A kernel is too small for Acme.

What. A file has a line.

Why. Acme says so.

Instead. Delete the file.
"""
from netwright.lint.finding import Place, Remark
from netwright.lint.rule import Rule

def look(script):
    {body}

RULE = Rule({severity}, script=look)
'''
BODY = 'yield Remark(Place(script.path, 1), "there is a line.", evidence={"lines": 1})'
MODULE = "acm101_tiny_kernel"
NOT_A_RULE = RULE.replace("RULE = Rule({severity}, script=look)", "RULE = look")


def rule(body: str = BODY, severity: str = '"warning"') -> str:
    return RULE.replace("{body}", body).replace("{severity}", severity)


@pytest.fixture
def acme(installed):
    """A function that installs one rule of acme-nets 1.2 under a code."""

    def install(source: str, module: str = MODULE, code: str = "ACM101") -> None:
        installed(source, module, rules=f"{code} = {module}")
        rules.cache_clear()

    yield install
    rules.cache_clear()


@pytest.fixture
def script(tmp_path) -> str:
    (tmp_path / "train.py").write_text("import torch\nnet = torch.load('net.pt')\n")
    return str(tmp_path / "train.py")


def test_every_file_is_a_rule_and_every_code_is_given_once():
    files = sorted(Path(netwright.lint.rules.__path__[0]).glob("nw*.py"))
    assert [path.stem[:5].upper() for path in files] == list(rules())


def test_the_catalogue_severity_and_name_are_those_of_the_file():
    assert (rules()["NW703"].name, rules()["NW703"].severity) == ("parameter-ignored", "error")


@pytest.mark.parametrize(
    ("select", "ignore", "inside", "outside"),
    [((), (), "NW701", None), (("NW7",), (), "NW701", "NW201"), ((), ("NW70",), "NW710", "NW701")],
)
def test_prefixes_choose_rules(select, ignore, inside, outside):
    codes = selection(select, ignore)
    assert inside in codes
    assert outside not in codes


def test_a_rule_that_is_off_needs_its_whole_code():
    assert rules()["NW107"].severity == "off"
    assert "NW107" not in selection() | selection(("NW1",))
    assert list(selection(("NW107",))) == ["NW107"]


def test_all_selects_the_rules_that_are_off_by_default_too():
    chosen = selection(["ALL"], ["NW7"])
    assert "NW107" in chosen
    assert not any(code.startswith("NW7") for code in chosen)


def test_a_rule_of_another_package_runs_by_default_and_says_whose_it_is(acme, script):
    acme(rule())
    assert (rules()["ACM101"].name, rules()["ACM101"].package) == ("tiny-kernel", "acme-nets 1.2")
    assert text(rules()["ACM101"]).startswith(
        "ACM101 tiny-kernel · warning · looks at the script · fix: manual · acme-nets 1.2\n\nA kernel is too"
    )
    findings = nw.check(script)
    assert [finding.code for finding in findings] == ["ACM101", "NW708"]
    (result, _) = json.loads(FORMATS["sarif"](findings))["runs"][0]["results"]
    assert (result["ruleId"], result["properties"]) == ("ACM101", {"lines": 1})
    assert json.loads(FORMATS["json"](findings))[0]["name"] == "tiny-kernel"


def test_it_is_selected_and_ignored_by_its_own_prefix(acme, script):
    acme(rule())
    assert [finding.code for finding in nw.check(script, select=["ACM"])] == ["ACM101"]
    assert [finding.code for finding in nw.check(script, ignore=["ACM"])] == ["NW708"]
    assert [finding.code for finding in nw.check(script, select=["NW"])] == ["NW708"]


def test_it_is_ignored_on_a_line_by_a_comment(acme, script):
    acme(rule())
    Path(script).write_text("x = 1  # netwright: ignore[ACM101] it is ours\n")
    assert nw.check(script) == []


@pytest.mark.parametrize(
    ("source", "module", "code", "reason"),
    [
        (rule(), "nw999_tiny_kernel", "NW999", "codes that start with NW belong to Netwright"),
        (rule(), "nwx101_tiny_kernel", "NWX101", "codes that start with NW belong to Netwright"),
        (rule(), "nw703_parameter_ignored", "NW703", "codes that start with NW belong to Netwright"),
        (
            rule(),
            "acm_tiny_kernel",
            "ACM",
            "must be named after its entry point, a code of letters and digits",
        ),
        (rule(), "acm101", "ACM101", "must be named after its entry point"),
        (rule(), MODULE, "ACM102", "must be named after its entry point"),
        (rule(), f"{MODULE}:look", "ACM101", "is not a module; the entry point must name the module"),
        ("", MODULE, "ACM101", "AttributeError: module 'acm101_tiny_kernel' has no attribute 'RULE'"),
        (NOT_A_RULE, MODULE, "ACM101", "`RULE` of `acm101_tiny_kernel` is <function look"),
        (rule(severity='"fatal"'), MODULE, "ACM101", r"`severity` .='fatal'. must be one of error, warning,"),
        (rule().replace("Why. ", ""), MODULE, "ACM101", "its docstring, .* has no section `Why.`"),
        ("def", MODULE, "ACM101", "SyntaxError: invalid syntax"),
    ],
)
def test_a_rule_that_cannot_be_used_is_left_out_with_the_reason(
    installed, acme, script, source, module, code, reason
):
    installed(source, module.partition(":")[0], rules=f"{code} = {module}")
    rules.cache_clear()
    with pytest.warns(PluginWarning, match=rf"`{code}` of acme-nets 1.2 .*{reason}") as record:
        assert [finding.code for finding in nw.check(script)] == ["NW708"]
    assert len(record) == 1
    assert len(rules()) == len(list(Path(netwright.lint.rules.__path__[0]).glob("nw*.py")))


def test_a_code_that_is_given_twice_is_refused(installed, acme, tmp_path, script):
    acme(rule())
    (tmp_path / "other-3.dist-info").mkdir()
    (tmp_path / "other-3.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: other\nVersion: 3\n"
    )
    (tmp_path / "other-3.dist-info" / "entry_points.txt").write_text(
        f"[netwright.rules]\nACM101 = {MODULE}\n"
    )
    with pytest.warns(PluginWarning, match="`ACM101` of other 3 .*already taken by acme-nets 1.2"):
        assert rules()["ACM101"].package == "acme-nets 1.2"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise KeyError('kernel')", "KeyError: 'kernel'"),
        ("return [1]", "AttributeError: 'int' object has no attribute"),
        ("return [Remark(Place(script.path, 1), 'm', severity='fatal')]", "ValueError: `severity`"),
        ("return [Remark(Place(script.path, 1), 'm', evidence={'net': script})]", "TypeError: .*JSON"),
        ("return look(script)", "RecursionError"),
    ],
)
def test_one_that_fails_while_it_runs_is_one_warning_and_the_others_go_on(acme, script, body, reason):
    acme(rule(body))
    with pytest.warns(
        PluginWarning, match=rf"rule ACM101 of acme-nets 1.2 failed, so its findings are missing: {reason}"
    ) as record:
        assert [finding.code for finding in nw.check(script)] == ["NW708"]
    assert len(record) == 1
    assert "\n" not in str(record[0].message)


def test_a_rule_of_ours_that_fails_is_loud(monkeypatch, script):
    def look(script):
        raise KeyError("kernel")

    broken = Rule("error", script=look, code="NW708", name="unsafe-load")
    monkeypatch.setattr("netwright.lint.run.selection", lambda *_: {"NW708": broken})
    with warnings.catch_warnings(), pytest.raises(KeyError):
        nw.check(script)


def test_the_rule_on_the_page_about_adding_rules_works_as_it_stands(acme):
    page = (Path(__file__).parents[2] / "docs" / "add-a-rule.md").read_text(encoding="utf-8")
    acme(page.partition("```python\n")[2].partition("```")[0])
    net = nn.Sequential(nn.Conv2d(3, 8, 1), nn.Conv2d(8, 8, 3))
    assert [(finding.code, finding.module) for finding in nw.check(net, (3, 8, 8))] == [("ACM101", "0")]
