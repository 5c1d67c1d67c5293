"""A study as one page that needs nothing else: SVG and styles inline, light and dark, wide and narrow."""

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from netwright.arithmetic.shape import show
from netwright.study.curves import costs, curves, logarithmic, svg
from netwright.study.predictions import predictions
from netwright.study.result import Study
from netwright.study.table import baseline, called, cells, failures, heads, html_list, html_table, names
from netwright.study.verdict import over_seeds


def report(study: Study) -> str:
    """Return the page as HTML; equal studies give equal text."""
    page = Template(files("netwright.study").joinpath("report.html").read_text(encoding="utf-8"))
    scale = study.task.scale
    return page.substitute(
        title=escape(_title(study)),
        headline=escape(study.headline),
        compared="Designs" if len(study.recipes) == 1 else "Designs and recipes",
        names=len(names(study)),
        label=escape(scale.label),
        heading=escape(_capital(scale.heading)),
        title_of_curves=escape(_capital(scale.label)),
        axis=" The axis is linear up to 1 % and logarithmic above." if logarithmic(scale) else "",
        baseline=_paragraph(baseline(study)),
        further=_further(study),
        predictions=predictions(study),
        table=html_table(heads(study), [cells(study, arm) for arm in study.arms]),
        failures=html_list(failures(study), "failed"),
        curves=svg(
            curves,
            study,
            f"Train and test {scale.label} after each epoch, one line for each row of the table",
        ),
        costs=svg(
            costs,
            study,
            f"Test {scale.label} against multiply-accumulates, one point for each row of the table",
        ),
        verdicts=_verdicts(study),
        fairness=_fairness(study),
        facts=_definitions(facts(study)),
        recipes=_recipes(study),
    )


def facts(study: Study) -> dict[str, str]:
    """Return the data, seeds, threads and versions, as a reader would ask for them."""
    data = study.data
    sizes = f"{data['train']:,} to train, {data['valid']:,} to validate, {data['test']:,} to test"
    classes = f", {data['classes']} classes" if data["classes"] else ""
    return {
        "data": f"{data['name']}: {show(tuple(data['input']))}{classes}; {sizes}",
        **({"files": data["layout"]} if data["layout"] else {}),
        "task": study.task.name,
        "digest of the data": f"{data['digest'][:16]}…",
        "seeds": ", ".join(map(str, study.seeds)),
        "threads": f"{study.threads} for each run",
        **{name: str(version) for name, version in study.versions.items()},
        **{f"design {design.name}": design.spec for design in study.designs if design.spec != design.name},
    }


def _title(study: Study) -> str:
    designs = ", ".join(design.name for design in study.designs)
    recipes = f" with {', '.join(study.recipes)}" if len(study.recipes) > 1 else ""
    return f"{designs}{recipes} on {study.data['name']}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _paragraph(text: str) -> str:
    return f'<p class="soft">{escape(_capital(text))}.</p>' if text else ""


def _further(study: Study) -> str:
    """Show the metrics that the designs are not judged by."""
    others = study.task.others
    if not others:
        return ""
    columns = [f"test {scale.title}" for scale in others.values()]
    rows = [
        [
            *called(study, arm),
            *(over_seeds(arm.spread("test", name), scale) for name, scale in others.items()),
        ]
        for arm in study.arms
    ]
    return (
        f'<h2>Further metrics</h2>\n<div class="scroll names{len(names(study))}" tabindex="0" role="region" '
        f'aria-label="Further metrics">\n{html_table([*names(study), *columns], rows)}\n</div>'
    )


def _fairness(study: Study) -> str:
    alike = "from the same seeds, on the same examples in the same order"
    if len(study.recipes) == 1:
        return f"Every design was trained {alike}, with the same recipe."
    return f"Designs with the same recipe, and recipes of the same design, were trained {alike}."


def _verdicts(study: Study) -> str:
    """List the pairs of designs, then those of recipes; in each, first the pairs that the runs tell apart."""
    if not study.verdicts:
        return "<p>There is nothing to compare the only row of the table with.</p>"
    lists = [
        html_list(v.text for v in study.verdicts if (v.design is None) == designs and bool(v.better) == tells)
        for designs in (True, False)
        for tells in (True, False)
    ]
    return "\n".join(filter(None, lists))


def _recipes(study: Study) -> str:
    """Show the options of the recipes: first a table of those in which they differ, then the others."""
    first, *others = study.recipes.values()
    if not others:
        return f"<h2>Recipe</h2>\n{_box(first)}"
    different = [option for option in first if any(other.get(option) != first[option] for other in others)]
    rows = [[name, *(_shown(recipe.get(option)) for option in different)]
            for name, recipe in study.recipes.items()]  # fmt: skip
    table = html_table(["recipe", *(option.replace("_", " ") for option in different)], rows)
    alike = _box({option: value for option, value in first.items() if option not in different})
    return (
        f'<h2>Recipes</h2>\n<div class="scroll" tabindex="0" role="region" aria-label="Recipes">\n{table}\n'
        f'</div>\n<p class="soft">All other options are the same in every recipe:</p>\n{alike}'
    )


def _box(values: Mapping[str, Any]) -> str:
    return f'<div class="facts">\n<dl>\n{_definitions(values)}\n</dl>\n</div>'


def _definitions(values: Mapping[str, Any]) -> str:
    return "\n".join(
        f"<dt>{escape(str(name).replace('_', ' '))}</dt><dd>{escape(_shown(value))}</dd>"
        for name, value in values.items()
        if value is not None
    )


def _shown(value: Any) -> str:
    """Write the value of an option for people: `a, b` for a list, `-` for none."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
