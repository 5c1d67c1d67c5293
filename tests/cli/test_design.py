"""`netwright design`."""

import json
import subprocess

import pytest

from netwright.cli.design import amount
from netwright.cli.main import app
from netwright.errors import DesignError, NetwrightError
from netwright.spec import load


@pytest.fixture
def here(capsys):
    """Run the command in this process: one of its own takes seconds."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        error, code = "", 0
        try:
            app(words, exit_on_error=False, print_error=False, result_action="return_value")
        except NetwrightError as refused:
            error, code = f"error: {refused}\n", refused.exit_code
        said = capsys.readouterr()
        return subprocess.CompletedProcess(words, code, said.out, said.err + error)

    return run


IMAGE = ("design", "encoder", "--input", "3x32x32", "--output", "64x4x4")


def test_the_table_has_a_row_a_layer_and_the_totals(netwright):
    outcome = netwright(*IMAGE, "--layers", "3")
    assert outcome.returncode == 0
    assert outcome.stderr == ""
    rows = [line.split() for line in outcome.stdout.splitlines() if line.strip().startswith("conv")]
    assert [row[1] for row in rows] == ["8x16x16", "24x8x8", "64x4x4"]
    assert "parameters, " in outcome.stdout


def test_a_conflict_is_one_line_and_exit_code_2(netwright):
    outcome = netwright(*IMAGE, "--layers", "1")
    assert (outcome.returncode, outcome.stdout) == (2, "")
    assert outcome.stderr.startswith("error: `")
    assert len(outcome.stderr.strip().splitlines()) == 1


def test_json_holds_what_the_options_ask_for(here):
    words = ("--max-params", "20k", "--kernels", "3-5", "--layers", "2-3", "--alternatives", "2", "--json")
    data = json.loads(here(*IMAGE, *words).stdout)
    assert data["params"] <= 20_000
    assert len(data["alternatives"]) == 2
    assert {kernel for layer in data["layers"] for kernel in layer["kernel"]} <= {3, 4, 5}


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        (("--through", "16x16x16"), lambda rows: "16x16x16" in [row["output"] for row in rows]),
        (("--window", "4,2,1"), lambda rows: {tuple(row["kernel"]) for row in rows} == {(4, 4)}),
        (("--patches", "--strides", "2"), lambda rows: all(r["kernel"] == r["stride"] for r in rows)),
        (("--residuals", "1", "--layers", "3"), lambda rows: [r["residuals"] for r in rows] == [1, 1, 0]),
        (("--groups", "4", "--layers", "3"), lambda rows: [row["groups"] for row in rows] == [1, 4, 4]),
        (
            ("--bottleneck", "2", "--layers", "3"),
            lambda rows: [row["reduced"] for row in rows][1:] == [4, 12],
        ),
        (("--min-receptive-field", "30"), lambda rows: rows[-1]["receptive_field"][0] >= 30),
        (("--max-receptive-field", "16"), lambda rows: rows[-1]["receptive_field"][0] <= 16),
        (("--objective", "params", "--layers", "2"), lambda rows: rows[0]["output"].startswith("8x")),
        (("--max-macs", "300k", "--layers", "3"), lambda rows: sum(row["macs"] for row in rows) <= 300_000),
        (("--multiple", "32", "--max-step", "12"), lambda rows: rows[0]["output"].startswith("32x")),
    ],
)
def test_every_requirement_reaches_the_solver(here, words, holds):
    outcome = here(*IMAGE, *words, "--json")
    assert outcome.returncode == 0, outcome.stderr
    assert holds(json.loads(outcome.stdout)["layers"])


@pytest.mark.parametrize(
    "flags",
    [
        ("--allow-dead-taps", "--kernels", "4", "--strides", "2", "--layers", "5"),
        ("--allow-skips", "--patches", "--kernels", "1", "--strides", "2"),
    ],
)
def test_a_default_rule_can_be_switched_off(here, flags):
    ask = ("design", "encoder", "--input", "3x32", "--output", "16x1")
    assert here(*ask, *flags).returncode == 0
    strict = [word for word in flags if not word.startswith("--allow")]
    assert here(*ask, *strict).returncode == 2


def test_the_other_directions_are_commands_too(here):
    ends = ("--input", "64x4x4", "--output", "3x16x16", "--json")
    for command in ("decoder", "between"):
        assert json.loads(here("design", command, *ends).stdout)["output"] == "3x16x16"
    ends = ("--input", "3x16x16", "--output", "64x4x4", "--source")
    assert "class Autoencoder(" in here("design", "autoencoder", *ends).stdout


def test_out_writes_a_file_that_builds_and_is_not_overwritten_unasked(here, tmp_path):
    path = tmp_path / "net.py"
    first = here(*IMAGE, "--layers", "3", "--out", str(path), "--json")
    assert f"wrote {path}" in first.stderr.replace("\n", "")
    assert sum(p.numel() for p in load(f"{path}:Encoder").parameters()) == json.loads(first.stdout)["params"]
    before = path.read_text()
    again = here(*IMAGE, "--layers", "4", "--out", str(path))
    assert (again.returncode, path.read_text()) == (2, before)
    assert "already exists; --force overwrites it" in again.stderr
    assert here(*IMAGE, "--layers", "4", "--out", str(path), "--force").returncode == 0
    assert path.read_text() != before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--layers", "0"), "`layers` (=0) must be 1 to 64"),
        (("--layers", "10000"), "`layers` (=10000) must be 1 to 64"),
        (("--layers", "-3"), "must be"),
        (("--layers", "many"), "`--layers` (=many) must be a number or a range"),
        (("--window", "4,2"), "`--window` (=4,2) must be three numbers such as 4,2,1"),
        (("--max-params", "lots"), "`--max-params` (=lots) must be a number"),
        (("--through", "8by8"), "`8by8` is not a shape"),
        (("--layers", "1"), "conflict; relax one of them: "),
        (("--out", "/nowhere/net.py"), "cannot be formatted"),
    ],
)
def test_impossible_requirements_end_with_one_message(here, words, said):
    outcome = here(*IMAGE, *words)
    assert outcome.returncode == 2
    assert outcome.stderr.startswith("error: ")
    assert len(outcome.stderr.strip().splitlines()) == 1
    assert said in outcome.stderr


@pytest.mark.parametrize(("text", "value"), [("300k", 300_000), ("2M", 2_000_000), ("1.5g", 1_500_000_000)])
def test_amounts_are_read_with_their_suffixes(text, value):
    assert amount("max_params", text) == value


@pytest.mark.parametrize("text", ["", "k", "1..5M", "0x10", "-5", "nan"])
def test_text_that_is_not_an_amount_is_refused(text):
    with pytest.raises(DesignError, match="must be a number such as"):
        amount("max_params", text)


def test_fit_prints_the_spec_and_what_it_costs(here):
    outcome = here("design", "fit", "plain20", "--input", "3x32x32", "--max-params", "70k")
    assert outcome.stdout.startswith("plain20(width=8): ")
    words = (
        "design",
        "fit",
        "plain20",
        "--input",
        "3x32x32",
        "--match",
        "resnet20",
        "--by",
        "macs",
        "--json",
    )
    assert json.loads(here(*words).stdout)["macs"] == 40_551_040
    assert here("design", "fit", "plain20", "--input", "3x32x32").returncode == 2


def test_a_layer_may_collapse_the_representation_where_that_is_allowed(here):
    ask = ("design", "encoder", "--input", "1x16x16", "--output", "1x4x4", "--layers", "1")
    assert here(*ask).returncode == 2
    assert here(*ask, "--allow-collapse").returncode == 0
    ask = ("design", "decoder", "--input", "8x4", "--output", "1x8", "--layers", "1", "--kernels", "3")
    assert here(*ask, "--strides", "2").returncode == 2
    assert here(*ask, "--strides", "2", "--allow-checkerboard").returncode == 0
    ask = ("design", "encoder", "--input", "8x8", "--output", "8x2", "--layers", "2", "--any-channels")
    assert here(*ask).returncode == 0
