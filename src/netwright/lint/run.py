"""Run the rules on a network, a spec or a source file; `nw.check` is `check`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any
from warnings import warn

from netwright.errors import USER_ERRORS, NetwrightError, UsageError
from netwright.lint.catalogue import OURS, rules, selection
from netwright.lint.finding import SEVERITIES, Finding
from netwright.lint.rule import Rule
from netwright.lint.rules.nw001_unused_ignore import remark
from netwright.lint.script import Script
from netwright.lint.suppress import Ignore, ignores, kept
from netwright.lint.target import is_script
from netwright.plugins import PluginWarning

if TYPE_CHECKING:
    from torch import nn

    from netwright.data.examples import Data
    from netwright.lint.network import Network
    from netwright.lint.survey.survey import Survey

    Subject = Script | Network | Survey

UNUSED = "NW001"


def check(
    net: "nn.Module | str | Data",
    input: Any = None,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    deep: bool = False,
) -> list[Finding]:
    """Look for faults, and return the findings in the order of file and line.

    Args:
        net: A module, a spec (`net.py:Net`, `resnet20`), a source file (`train.py`), which is only read, or
            an `nw.Data`, whose examples are named by their numbers.
        input: The shape of one example without batch; several shapes, or a dict of them by parameter name; or
            tensors with their batch. A source file needs no input.
        select: Codes or prefixes of the rules to run. Without it, all rules run that are not off by default.
        ignore: Codes or prefixes of the rules to leave out.
        deep: Run a large network with numbers too, which some rules do with small networks only.

    Raises:
        UsageError: The file cannot be read, the network cannot be built or run, or a code names no rule.

    >>> from torch import nn
    >>> [str(finding.code) for finding in check(nn.Sequential(nn.Conv2d(3, 8, 1, padding=1)), (3, 8, 8))]
    ['NW103']
    """
    running = selection(select, ignore)
    if isinstance(net, str) and is_script(net):
        return examine(Script.read(net), running)
    from netwright.data.examples import Data
    from netwright.lint.network import Network

    if isinstance(net, Data):
        from netwright.lint.survey.survey import of_data

        return examine(of_data(net), running)
    return examine(Network.of(net, input, deep=deep), running)


def examine(subject: "Subject", running: Mapping[str, Rule]) -> list[Finding]:
    """Run the rules on one script or network, and return the findings in the order of file and line."""
    return in_order(finding for findings in by_rule(subject, running) for finding in findings)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order of file, line, column and code."""
    return sorted(findings, key=lambda finding: (finding.file, finding.line, finding.column, finding.code))


def by_rule(subject: "Subject", running: Mapping[str, Rule]) -> Iterator[list[Finding]]:
    """Yield the findings of each rule as soon as it has run; what an ignore comment covers is left out."""
    if subject.side == "data":
        yield from (in_order(_findings(rule, subject)) for rule in running.values())
        return
    texts: dict[str, Script] = {}
    written: dict[str, list[Ignore]] = {}
    used: set[Ignore] = set()
    for rule in running.values():
        findings = _findings(rule, subject)
        texts |= {script.path: script for script in _texts(subject, findings) if script.path not in texts}
        written |= {path: list(ignores(script)) for path, script in texts.items() if path not in written}
        left, covering = kept(findings, list(chain(*written.values())))
        used |= covering
        yield in_order(left)
    if UNUSED in running:
        unused = [ignore for ignore in chain(*written.values()) if ignore not in used]
        yield [
            rules()[UNUSED].finding(remark(ignore, texts[ignore.place.file].lines[ignore.place.line - 1]))
            for ignore in unused
            if _looked_at(ignore, subject, running)
        ]


def _findings(rule: Rule, subject: "Subject") -> list[Finding]:
    """Run one rule; a rule of another package that raises is reported in one line of warning."""
    if not rule.code.startswith(OURS):
        return _guarded(rule, subject)
    try:
        return list(rule.findings(subject))
    except RecursionError as error:
        name = (
            subject.path
            if isinstance(subject, Script)
            else subject.name
            if subject.side == "network"
            else subject.root
        )
        raise UsageError(
            f"`{name}` is nested too deeply for {rule.code}; leave the rule out with `--ignore`."
        ) from error


def _guarded(rule: Rule, subject: "Subject") -> list[Finding]:
    try:
        findings = list(rule.findings(subject))
        for finding in findings:
            json.dumps(finding.to_json())
            if finding.severity not in SEVERITIES:
                raise ValueError(f"`severity` (={finding.severity!r}) must be one of {', '.join(SEVERITIES)}")
    except (*USER_ERRORS, NetwrightError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        warn(
            f"the rule {rule.code} of {rule.package} failed, so its findings are missing: {reason}",
            PluginWarning,
            stacklevel=2,
        )
        return []
    return findings


def _texts(subject: "Script | Network", findings: list[Finding]) -> Iterator[Script]:
    """Yield the scripts whose ignore comments count: the script itself, or those of the network."""
    if isinstance(subject, Script):
        yield subject
    else:
        yield from subject.scripts({finding.file for finding in findings})


def _looked_at(ignore: Ignore, subject: "Script | Network", running: Mapping[str, Rule]) -> bool:
    """Return True when this check would have reported a fault at the line of the ignore comment."""
    matching = [rule for code, rule in running.items() if ignore.code and code.startswith(ignore.code)]
    if not matching:
        unknown = not any(code.startswith(ignore.code) for code in rules()) or not ignore.code
        return unknown and isinstance(subject, Script)
    if isinstance(subject, Script):
        return all(rule.script and not rule.network for rule in matching)
    return any(rule.network for rule in matching) and subject.mentions(ignore.place.file, ignore.place.line)
