"""A rule: its page, its severity, and what it looks at. Rules are found by walking `netwright.lint.rules`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Literal

import netwright.lint.rules
from netwright.lint.finding import Finding, Remark, Severity

if TYPE_CHECKING:
    from netwright.lint.network import Network
    from netwright.lint.script import Script


@dataclass(frozen=True)
class Rule:
    """One check.

    Args:
        severity: of its findings; `off` runs only when its whole code is selected.
        fix: what its fixes are at best: `safe`, `unsafe` or `manual`.
        script: looks at a source file, which is never imported.
        network: looks at a recorded network.
        code: `NW703`, from the file's name, as are `name` and `page`.
    """

    severity: Severity | Literal["off"]
    fix: Literal["safe", "unsafe", "manual"] = "manual"
    script: Callable[["Script"], Iterable[Remark]] | None = None
    network: Callable[["Network"], Iterable[Remark]] | None = None
    code: str = ""
    name: str = ""
    page: str = ""

    def finding(self, remark: Remark) -> Finding:
        """The remark under this rule's code; a rule that is off by default reports as info."""
        severity = remark.severity or ("info" if self.severity == "off" else self.severity)
        return Finding(
            self.code,
            self.name,
            severity,
            remark.message,
            remark.place,
            remark.module,
            remark.evidence,
            remark.fix,
        )

    def findings(self, subject: "Script | Network") -> Iterator[Finding]:
        """What it says of a script or a network; one finding a place."""
        from netwright.lint.script import Script

        remarks: Iterable[Remark] = ()
        if isinstance(subject, Script):
            remarks = self.script(subject) if self.script else ()
        elif self.network:
            remarks = self.network(subject)
        seen = set()
        for remark in remarks:
            if (remark.place, remark.message) not in seen:
                seen.add((remark.place, remark.message))
                yield self.finding(remark)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its code, in the order of the codes."""
    found = {}
    for module in sorted(iter_modules(netwright.lint.rules.__path__), key=lambda module: module.name):
        code, _, name = module.name.partition("_")
        loaded = import_module(f"netwright.lint.rules.{module.name}")
        code, name = code.upper(), name.replace("_", "-")
        found[code] = replace(loaded.RULE, code=code, name=name, page=loaded.__doc__ or "")
    return found


def chosen(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> Mapping[str, Rule]:
    """The rules that run: those whose code starts with a selected prefix and with no ignored one.

    A rule that is off by default needs its whole code selected.
    """
    selected, ignored = tuple(select) or ("NW",), tuple(ignore)
    return {
        code: rule
        for code, rule in rules().items()
        if code.startswith(selected)
        and not code.startswith(ignored)
        and (rule.severity != "off" or code in selected)
    }
