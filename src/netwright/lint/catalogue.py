"""All rules: ours, one in each file of `netwright.lint.rules`, and those of other installed packages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import netwright.lint.rules
from netwright import __version__
from netwright.errors import UsageError
from netwright.lint.rule import SECTIONS, Rule
from netwright.plugins import Plugin, accept

OURS = "NW"
"""The letters that the codes of our rules start with."""
CODE = re.compile(r"[A-Z]+\d+")


@cache
def rules() -> Mapping[str, Rule]:
    """Return every rule by its code, in the order of the codes.

    A rule of another package that cannot be used is reported by a `PluginWarning` and left out.
    """
    catalogue = {}
    for file in iter_modules(netwright.lint.rules.__path__):
        rule = described(import_module(f"netwright.lint.rules.{file.name}"), f"netwright {__version__}")
        catalogue[rule.code] = rule
    accept("rules", partial(_add, catalogue))
    return dict(sorted(catalogue.items()))


def described(module: ModuleType, package: str) -> Rule:
    """Return the `RULE` of a module; the file's name is its code and name, the docstring its page.

    Raises:
        AttributeError: The module has no `RULE`.
        TypeError: Its `RULE` is not a `Rule`.
    """
    if not isinstance(module.RULE, Rule):
        raise TypeError(
            f"`RULE` of `{module.__name__}` is {module.RULE!r} instead of a netwright.lint.rule.Rule"
        )
    code, _, name = module.__name__.rpartition(".")[2].partition("_")
    return replace(
        module.RULE,
        code=code.upper(),
        name=name.replace("_", "-"),
        page=module.__doc__ or "",
        package=package,
    )


def _add(catalogue: dict[str, Rule], plugin: Plugin) -> None:
    """Add the rule of another package; raise what keeps it out."""
    if not isinstance(plugin.value, ModuleType):
        raise TypeError(f"{plugin.value!r} is not a module; the entry point must name the module of one rule")
    rule = described(plugin.value, plugin.package)
    if rule.code != plugin.name or not CODE.fullmatch(rule.code) or not rule.name:
        raise ValueError(
            f"the module `{plugin.value.__name__}` must be named after its entry point, a code of letters "
            "and digits, and after the rule: `acm101_tiny_kernel` for `ACM101`"
        )
    if rule.code.startswith(OURS):
        raise ValueError(f"codes that start with {OURS} belong to Netwright; choose letters of your own")
    if rule.code in catalogue:
        raise ValueError(f"the code is already taken by {catalogue[rule.code].package}")
    missing = [name for name in SECTIONS if name != "Guard" and name not in rule.sections]
    if missing:
        raise ValueError(f"its docstring, which is the page of the rule, has no section `{missing[0]}.`")
    catalogue[rule.code] = rule


def selection(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Mapping[str, Rule]:
    """Return the rules that run: those whose code starts with a selected prefix and with no ignored one.

    Without `select` every rule is selected, `ALL` included those that are off by default, which otherwise
    need their whole code.

    Raises:
        UsageError: No rule's code starts with one of the prefixes.
    """
    select, ignore = tuple(select), tuple(ignore)
    if "ALL" in select:
        select = tuple(rules())
    for prefix in (*select, *ignore):
        if not prefix or not any(code.startswith(prefix) for code in rules()):
            raise UsageError(f"no rule's code starts with `{prefix}`; `netwright rule` lists the rules.")
    return {
        code: rule
        for code, rule in rules().items()
        if code.startswith(select or ("",))
        and not code.startswith(ignore)
        and (rule.severity != "off" or code in select)
    }
