"""The manual page of a rule, as text and as markdown, and the list of all rules."""

from pathlib import Path

from netwright.lint.catalogue import rules
from netwright.lint.rule import Rule
from netwright.lint.write import write

COMMANDS = ("netwright", "ls", "rm")
"""The commands of the examples."""


def facts(rule: Rule) -> str:
    """Return the severity of a rule, what it looks at and how far its findings can be fixed."""
    subjects = [name for name in ("script", "network", "data") if getattr(rule, name)]
    return f"{rule.severity} · looks at the {' and the '.join(subjects)} · fix: {rule.fix}"


def text(rule: Rule) -> str:
    """Return the page for a terminal."""
    head = f"{rule.code} {rule.name} · {facts(rule)} · {rule.package}"
    sections = [_joined(f"{name}.", body) for name, body in rule.sections.items()]
    return "\n\n".join([head, rule.title, *sections]) + "\n"


def markdown(rule: Rule) -> str:
    """Return the page for `docs/rules`."""
    sections = [_joined(f"**{name}.**", _fenced(body)) for name, body in rule.sections.items()]
    return "\n\n".join([f"# {rule.code} {rule.name}", f"*{facts(rule)}*", rule.title, *sections]) + "\n"


def _joined(name: str, body: str) -> str:
    """Return a section with its name; code starts on a line of its own."""
    return f"{name}\n\n{body}" if body.startswith(("    ", "```")) else f"{name} {body}"


def _fenced(text: str) -> str:
    """Turn indented blocks into fenced ones, of Python or of commands."""
    lines, fence = [], "```"
    inside = False
    for line, following in zip(text.split("\n"), [*text.split("\n")[1:], ""], strict=True):
        code = line.startswith("    ") or (inside and not line and following.startswith("    "))
        if code != inside:
            lines.append(f"{fence}{_language(line)}" if code else fence)
            inside = code
        lines.append(line[4:] if code else line)
    return "\n".join([*lines, *([fence] if inside else [])])


def _language(line: str) -> str:
    """Return the language of a block by its first line: that of a shell, or Python.

    >>> _language("    netwright check --data cells"), _language("    mask = mask.long()")
    ('sh', 'python')
    """
    return "sh" if line.split()[0] in COMMANDS else "python"


def _table() -> str:
    """Return the list of rules."""
    rows = [
        f"| [{rule.code}]({rule.code}.md) | {rule.name} | {rule.severity} | {rule.fix} | {rule.title} |"
        for rule in rules().values()
    ]
    head = ["# Rules", "", "Written by `netwright rule --write docs/rules` from the docstrings of the rules."]
    table = ["", "| code | name | severity | fix | what |", "|---|---|---|---|---|", *rows]
    return "\n".join([*head, *table]) + "\n"


def documents() -> dict[str, str]:
    """Return every file of `docs/rules` by its name."""
    return {"README.md": _table()} | {f"{code}.md": markdown(rule) for code, rule in rules().items()}


def publish(folder: Path) -> list[Path]:
    """Write the pages into a folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in documents().items():
        write(folder / name, content)
    return [folder / name for name in documents()]
