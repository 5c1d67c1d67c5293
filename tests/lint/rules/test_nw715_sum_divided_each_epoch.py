"""NW715: a running sum that is divided in each epoch and never starts anew."""

import pytest

from programs import findings, program, script


def test_the_reported_loss_grows_where_every_epoch_has_the_same(capsys):
    """The claim of the page, by the function of the bad program and that of the good one."""
    reported = {}
    for kind in ("bad", "good"):
        functions = {}
        exec(compile(program("NW715", kind).read_text(), kind, "exec"), functions)
        functions["every"](float, [(1, 1)] * 300, lambda x, y: 1.0)
        reported[kind] = [float(line) for line in capsys.readouterr().out.split()]
    assert reported == {"bad": [1.0, 2.0, 3.0], "good": [1.0, 1.0, 1.0]}


def test_the_finding_says_where_the_sum_grows_and_over_which_loop():
    epoch, divided, every = findings(program("NW715", "bad"), select=["NW715"])
    assert epoch.evidence == {"sum": "running", "loop": 4, "added": 10}
    assert "in each pass of the loop in line 17" in divided.message
    assert "in each 100 steps of the loop in line 27" in every.message


HEAD = "total = 0.0\nfor epoch in range(9):\n    for x in data:\n        total += x\n"


@pytest.mark.parametrize(
    "line",
    [
        "print(total / len(data))",
        "print(total.item() / len(data))",
        "print(100.0 * total / len(data))",
        "n = len(data); mean = float(total) / n",
        "if verbose: print(total / 60000)",
    ],
)
def test_every_form_of_the_division_is_found(line):
    assert script(HEAD + f"    {line}\n", "NW715") == [5]


@pytest.mark.parametrize(
    "line",
    [
        "total = total / len(data)",
        "print(total / (epoch + 1))",
        "n = epoch * 2; print(total / n)",
        "if epoch > 3: print(total / len(data))",
        "print(total / len(data)); total = 0.0",
        "print(total / len(data)); total -= total",
        "print(total / len(data)); total.zero_()",
        "print(total / len(data)); total[:] = 0",
        "print(2 / total, total * 2, total // 2)",
        "print(max(total, 1) / len(data))",
    ],
)
def test_a_sum_that_starts_anew_or_a_divisor_that_grows_says_nothing(line):
    assert script(HEAD + f"    {line}\n", "NW715") == []


@pytest.mark.parametrize("start", ["total = start()", "total = 5", "def f(total): ..."])
def test_a_sum_whose_start_is_not_zero_is_not_judged(start):
    assert script(start + HEAD.removeprefix("total = 0.0") + "    print(total / len(data))\n", "NW715") == []


def test_a_division_after_the_loops_is_right():
    assert script(HEAD + "print(total / len(data))\n", "NW715") == []


@pytest.mark.parametrize(("divisor", "lines"), [("100", [4]), ("50", []), ("step", [])])
def test_in_a_single_loop_the_divisor_must_be_the_number_of_steps(divisor, lines):
    text = (
        f"total = 0\nfor step in data:\n    total += step\n    if step % 100 == 0: print(total / {divisor})\n"
    )
    assert script(text, "NW715") == lines


@pytest.mark.parametrize(
    ("context", "step", "lines"),
    [
        ("torch.no_grad()", "loss.backward()", [9]),
        ("torch.no_grad()", "pass", []),
        ("torch.enable_grad()", "loss.backward()", []),
    ],
)
def test_an_accuracy_of_networks_of_all_epochs_is_found_only_where_the_loop_trains(context, step, lines):
    text = f"""right, total = 0, 0
for epoch in range(9):
    for x, y in loader:
        {step}
    with {context}:
        for x, y in held_out:
            right += hits(net(x), y)
            total += len(y)
    print(right / total)
"""
    assert script(text, "NW715") == lines
