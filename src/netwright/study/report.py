"""A study as one page that needs nothing else: SVG and styles inline, light and dark, wide and narrow."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from netwright.arithmetic.shape import show
from netwright.study.curves import costs, curves, svg
from netwright.study.headline import headline
from netwright.study.result import Design, Study
from netwright.study.table import HEADS, cells


def report(study: Study) -> str:
    """The page as HTML; equal studies give equal text."""
    page = Template(files("netwright.study").joinpath("report.html").read_text(encoding="utf-8"))
    names = ", ".join(design.name for design in study.designs)
    return page.substitute(
        title=escape(f"{names} on {study.data['name']}"),
        headline=escape(headline(study)),
        heads=_row("th", HEADS),
        rows="\n".join(_row("td", cells(design)) for design in study.designs),
        failures=_failures(study.designs),
        curves=svg(curves, study, "Train and test error after each epoch, one line for each design"),
        costs=svg(costs, study, "Test error against multiply-accumulates, one point for each design"),
        verdicts=_verdicts(study),
        facts=_facts(facts(study)),
        recipe=_facts(study.recipe),
    )


def facts(study: Study) -> dict[str, str]:
    """Data, seeds, threads and versions, as a reader would ask for them."""
    data = study.data
    sizes = f"{data['train']:,} to train, {data['valid']:,} to validate, {data['test']:,} to test"
    return {
        "data": f"{data['name']}: {show(tuple(data['input']))}, {data['classes']} classes; {sizes}",
        "content": f"{data['digest'][:16]}…",
        "seeds": ", ".join(map(str, study.seeds)),
        "threads": f"{study.threads} for each run",
        **{name: str(version) for name, version in study.versions.items()},
        **{f"design {design.name}": design.spec for design in study.designs if design.spec != design.name},
    }


def _row(tag: str, texts: tuple[str, ...]) -> str:
    return "<tr>" + "".join(f"<{tag}>{escape(text)}</{tag}>" for text in texts) + "</tr>"


def _items(texts: list[str], style: str = "") -> str:
    items = "\n".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ul{style}>\n{items}\n</ul>"


def _failures(designs: list[Design]) -> str:
    reasons = [f"{design.name} failed: {reason}" for design in designs for reason in design.failures]
    return _items(reasons, ' class="failed"') if reasons else ""


def _verdicts(study: Study) -> str:
    told = [verdict.text for verdict in study.verdicts if verdict.better]
    open_ = [verdict.text for verdict in study.verdicts if not verdict.better]
    if not told + open_:
        return "<p>One design has nothing to be compared with.</p>"
    return "\n".join(_items(texts) for texts in (told, open_) if texts)


def _facts(values: Mapping[str, Any]) -> str:
    return "\n".join(
        f"<dt>{escape(str(name).replace('_', ' '))}</dt><dd>{escape(_shown(value))}</dd>"
        for name, value in values.items()
        if value is not None
    )


def _shown(value: Any) -> str:
    """A recipe's value for people: `a, b` for a list, `-` for an empty one."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
