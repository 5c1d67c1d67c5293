"""A rule's manual page, read from its file's text: title, What, Why, Guard, Instead."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from netwright.lint.rule import Rule, rules
from netwright.lint.write import write

PARTS = ("What", "Why", "Guard", "Instead")
EACH = ("What", "Why", "Instead")
"""What no page may leave out."""


@dataclass(frozen=True)
class Page:
    """The text of one rule."""

    rule: Rule

    @classmethod
    def of(cls, rule: Rule) -> "Page":
        """The page of a rule."""
        return cls(rule)

    @property
    def title(self) -> str:
        """The first sentence."""
        return self.rule.page.strip().splitlines()[0]

    @cached_property
    def parts(self) -> dict[str, str]:
        """The sections by their names."""
        pieces = re.split(rf"^({'|'.join(PARTS)})\.\s", self.rule.page, flags=re.MULTILINE)
        return {name: text.strip("\n") for name, text in zip(pieces[1::2], pieces[2::2], strict=True)}

    @property
    def what(self) -> str:
        """What the rule looks for."""
        return " ".join(self.parts["What"].split())

    @property
    def head(self) -> str:
        """Code, name, severity, what it looks at and how far it can be fixed."""
        looks = [name for name in ("script", "network") if getattr(self.rule, name)]
        return (
            f"{self.rule.code} {self.rule.name} · {self.rule.severity} · "
            f"looks at the {' and the '.join(looks)} · fix: {self.rule.fix}"
        )

    def text(self) -> str:
        """The page for a terminal."""
        parts = [_joined(f"{name}.", text) for name, text in self.parts.items()]
        return "\n\n".join([self.head, self.title, *parts]) + "\n"

    def markdown(self) -> str:
        """The page for `docs/rules`."""
        parts = [_joined(f"**{name}.**", _fenced(text)) for name, text in self.parts.items()]
        heading = f"# {self.rule.code} {self.rule.name}"
        return "\n\n".join([heading, f"*{self.head.split(' · ', 1)[1]}*", self.title, *parts]) + "\n"


def _joined(name: str, text: str) -> str:
    """A section's name and text; code starts on a line of its own."""
    return f"{name}\n\n{text}" if text.startswith(("    ", "```")) else f"{name} {text}"


def _fenced(text: str) -> str:
    """Indented blocks as fenced Python."""
    lines, fence = [], "```"
    inside = False
    for line, following in zip(text.split("\n"), [*text.split("\n")[1:], ""], strict=True):
        code = line.startswith("    ") or (inside and not line and following.startswith("    "))
        if code != inside:
            lines.append(f"{fence}python" if code else fence)
            inside = code
        lines.append(line[4:] if code else line)
    return "\n".join([*lines, *([fence] if inside else [])])


def table() -> str:
    """The list of rules for `docs/rules/README.md`."""
    rows = [
        f"| [{rule.code}]({rule.code}.md) | "
        + " | ".join([rule.name, rule.severity, rule.fix, Page.of(rule).title])
        + " |"
        for rule in rules().values()
    ]
    head = ["# Rules", "", "Written by `netwright rule --write docs/rules` from the rules' own text.", ""]
    return (
        "\n".join([*head, "| code | name | severity | fix | what |", "|---|---|---|---|---|", *rows]) + "\n"
    )


def documents() -> dict[str, str]:
    """Every file of `docs/rules` by its name."""
    return {"README.md": table()} | {f"{code}.md": Page.of(rule).markdown() for code, rule in rules().items()}


def publish(folder: Path) -> list[Path]:
    """Write the pages into a folder; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        write(folder / name, text)
    return [folder / name for name in documents()]
