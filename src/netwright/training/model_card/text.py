"""The model card of a run as Markdown, in the format of the Hugging Face Hub.

Every text that comes from a run, such as a spec or the name of a class, is escaped: cards may be made of
folders that other people sent.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.analysis.words import size
from netwright.arithmetic.shape import show
from netwright.spec import parse
from netwright.training.folder import Folder
from netwright.training.model_card import usage
from netwright.training.model_card.facts import PARTS, Facts
from netwright.training.model_card.header import dataset, front_matter
from netwright.training.model_card.limits import limits
from netwright.training.model_card.markdown import block, code, fold, plain, table
from netwright.training.model_card.markdown import facts as listed
from netwright.training.model_card.results import headline, results
from netwright.training.recipe import Recipe

if TYPE_CHECKING:
    from netwright.training.result import Run

TITLES = {"train": "training", "valid": "validation", "test": "test"}


def text(run: "Run", facts: Facts) -> str:
    """Return the card of a run with what is known of it."""
    about = Folder(run.folder).about()
    name = _name(run, facts)
    sections = {
        "Use": _use(run, facts),
        "Input and output": _input(run, facts),
        "Results": results(run, facts),
        "Known limits": "\n".join(f"- {limit}" for limit in limits(run, facts)),
        "Data": _data(run, facts),
        "Network": _network(run, facts),
        "Training": _training(run, about),
    }
    title = f"# {plain(name)} on {plain(dataset(run.data['name']))}"
    body = [title, _introduction(run, name, about), headline(run, facts)]
    body += [f"## {heading}\n\n{content}" for heading, content in sections.items()]
    return "\n".join([front_matter(run, name), "\n\n".join(filter(None, body)), ""])


def _name(run: "Run", facts: Facts) -> str:
    """Return what the network is called: its spec, or the class of the module that was given."""
    if run.spec is not None:
        return usage.named(run.spec)
    return facts.network.kind if facts.network else "a module"


def _introduction(run: "Run", name: str, about: Mapping[str, Any]) -> str:
    made = f"Netwright {plain(about.get('versions', {}).get('netwright', ''))}".strip()
    return (
        f"{code(name)} is a PyTorch network for {plain(about['task']['name'])} with {run.params:,} "
        f"parameters. It was trained on {plain(dataset(run.data['name']))} by {made}."
    )


def _use(run: "Run", facts: Facts) -> str:
    file = usage.weights(run)
    if not file:
        return "The training has not saved any weights yet."
    home = parse(run.spec).home if run.spec is not None else ""
    source = ""
    if run.spec is None:
        source = (
            f"`net` is a new network of the class {code(_name(run, facts))}, which was given as a module."
        )
    elif home:
        place = (
            f"{code(Path(home).name)}, in this folder"
            if home.endswith(".py")
            else f"the package {code(home)}"
        )
        source = f"Both need the source of the network: {place}."
    parts = ["In this folder, by Netwright:", block(usage.ours(run)), "The weights by PyTorch alone:"]
    if not home and run.spec is not None and run.task is not None:
        parts.insert(1, "```sh\nnetwright predict . FILES --out predictions\n```")
    return "\n\n".join(filter(None, [*parts, block(usage.torch(run, facts.network, file)), source]))


def _input(run: "Run", facts: Facts) -> str:
    data = run.data
    low, high = data["range"]
    rows = {
        "input": f"{show(tuple(data['input']))}, channels first, without the batch",
        "stored values": f"{low:g} to {high:g}",
        "mean of each channel": _numbers(data["mean"]),
        "deviation of each channel": _numbers(data["std"]),
    }
    if facts.network:
        each = f", {run.outputs} classes" if run.outputs == len(data["classes"]) else ""
        rows["output"] = f"{show(facts.network.output) or 'a scalar'}, without the batch{each}"
    if data["ignore"]:
        rows["values of masks that count for nothing"] = _numbers(data["ignore"])
    explained = (
        "Mean and deviation are those of the training split, where the range of the stored values is 0 to 1. "
        "Netwright normalises by itself. With PyTorch alone, give the network what this function returns:"
    )
    return f"{listed(rows)}\n\n{explained}\n\n{block(usage.normalisation(data))}"


def _data(run: "Run", facts: Facts) -> str:
    rows = {"name": plain(dataset(run.data["name"]))}
    if facts.data:
        rows |= {"contents": plain(facts.data.layout)} if facts.data.layout else {}
        rows["examples"] = ", ".join(f"{facts.data.examples[part]:,} {TITLES[part]}" for part in PARTS)
    rows["digest"] = f"{code(run.data['digest'])} (equal digests mean equal examples in the same splits)"
    return listed(rows)


def _network(run: "Run", facts: Facts) -> str:
    rows = {"network": code(_name(run, facts)), "parameters": f"{run.params:,}"}
    if network := facts.network:
        unknown = f", without {plain(', '.join(network.uncounted))}" if network.uncounted else ""
        rows["multiply-accumulates (MACs)"] = f"{network.macs:,} for one input{unknown}"
        rows["peak memory"] = f"{size(network.peak)} for one input in evaluation, with the weights"
        if network.sees:
            rows["receptive field"] = plain(network.sees)
    return listed(rows)


def _training(run: "Run", about: Mapping[str, Any]) -> str:
    resolved, default = about["resolved"], Recipe().model_dump(mode="json")
    changed = {name: value for name, value in resolved.items() if value != default.get(name)}
    rows = {"epochs": str(len(run.epochs)), "time": f"{_duration(run.seconds)}, with the evaluations"}
    versions = (f"{plain(key)} {plain(value)}" for key, value in about.get("versions", {}).items())
    rows |= {plain(key): plain(str(value)) for key, value in about.get("machine", {}).items()}
    rows |= {"versions": ", ".join(versions)} if "versions" in about else {}
    return "\n\n".join(
        [
            listed(rows),
            "The options of the recipe that differ from the default, or that it left open:",
            _options(changed),
            fold("All options of the recipe", _options(resolved)),
        ]
    )


def _options(values: Mapping[str, Any]) -> str:
    return table(["option", "value"], [[code(name), code(_shown(value))] for name, value in values.items()])


def _shown(value: Any) -> str:
    """Write the value of an option: `a, b` for a list, `none` for nothing.

    >>> _shown([256, 256]), _shown([]), _shown(None), _shown(True), _shown(0.1)
    ('256, 256', 'none', 'none', 'true', '0.1')
    """
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return str(value).lower()
    return "none" if value is None else str(value)


def _numbers(values: list[float]) -> str:
    return ", ".join(f"{value:.6g}" for value in values)


def _duration(seconds: float) -> str:
    """Write a time for people.

    >>> _duration(4.21), _duration(488), _duration(7890)
    ('4.2 s', '8 min 8 s', '2 h 11 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left} min" if hours else f"{minutes} min {rest} s"
