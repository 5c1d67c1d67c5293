"""The laws of the house, on every file git would commit."""

import ast
import re
import tomllib
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "src" / "netwright").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FORBIDDEN_STEMS = {"utils", "util", "helpers", "common", "misc", "manager", "base"}
FORBIDDEN_IMPORTS = {"pickle", "cloudpickle", "dill", "torchvision", "lightning", "pytorch_lightning"}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def nodes() -> list[tuple[Path, ast.AST]]:
    """All nodes of the syntax trees of the sources, which several tests read."""
    trees = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES]
    return [(path, node) for path, tree in trees for node in ast.walk(tree)]


def places(found: list[tuple[Path, ast.AST]]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{node.lineno}" for path, node in found]


def test_no_file_over_300_lines():
    assert [str(path.relative_to(ROOT)) for path in SOURCES if lines(path) > 300] == []


def test_the_median_file_is_under_120_lines():
    assert median(lines(path) for path in SOURCES if path.name != "__init__.py") < 120


def test_no_function_over_40_lines(nodes):
    """The docstring is not counted: it explains the function, it does not complicate it."""
    long = [
        (path, node)
        for path, node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > 40
    ]
    assert places(long) == []


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    doc = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - doc


def test_no_file_is_named_after_nothing():
    assert [str(path) for path in SOURCES + TESTS if path.stem in FORBIDDEN_STEMS] == []


@pytest.mark.parametrize(
    "source", [p for p in SOURCES if p.name != "__init__.py"], ids=lambda p: str(p.relative_to(ROOT))
)
def test_every_file_has_its_test_at_the_same_path(source: Path):
    inside = source.relative_to(ROOT / "src" / "netwright")
    assert (ROOT / "tests" / inside.parent / f"test_{inside.name}").is_file()


def test_tests_keep_up_with_source():
    """Code, without docstrings."""
    assert sum(map(code, TESTS)) >= sum(map(code, SOURCES))


def code(path: Path) -> int:
    """Lines that are neither blank, comment nor docstring."""
    text = path.read_text(encoding="utf-8")
    documented: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        if isinstance(node, kinds) and ast.get_docstring(node) is not None:
            documented |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    kept = [line.strip() for number, line in enumerate(text.splitlines(), 1) if number not in documented]
    return sum(bool(line) and not line.startswith("#") for line in kept)


def test_no_broad_except(nodes):
    def broad(node: ast.AST) -> bool:
        if not isinstance(node, ast.ExceptHandler):
            return False
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        names = {name.id for name in caught if isinstance(name, ast.Name)}
        return node.type is None or bool(names & {"Exception", "BaseException"})

    found = [(path, node) for path, node in nodes if broad(node)]
    assert places(found) == []


def test_no_fallback_import(nodes):
    """An import inside `try` hides a missing dependency."""
    found = [
        (path, node)
        for path, node in nodes
        if isinstance(node, ast.Try)
        and any(isinstance(inner, ast.Import | ast.ImportFrom) for inner in node.body)
    ]
    assert places(found) == []


def test_nothing_unpickles_and_nothing_broken_is_imported(nodes):
    def imported(node: ast.AST) -> set[str]:
        if isinstance(node, ast.Import):
            return {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            return {node.module.split(".")[0]}
        return set()

    found = [(path, node) for path, node in nodes if imported(node) & FORBIDDEN_IMPORTS]
    assert places(found) == []


def test_nothing_evaluates_text_or_loads_pickled_tensors(nodes):
    def called(node: ast.AST) -> str:
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        return ast.unparse(node.func) if named else ""

    found = [
        (path, node) for path, node in nodes if called(node) in {"eval", "exec", "torch.load", "torch.save"}
    ]
    assert places(found) == []


def test_comments_are_under_five_percent():
    text = [line.strip() for path in SOURCES for line in path.read_text(encoding="utf-8").splitlines()]
    assert sum(line.startswith("#") for line in text) < 0.05 * len(text)


def test_no_test_reads_the_clock():
    """Timings live in benchmarks."""
    clock = re.compile(r"\b(time\.(time|perf_counter|monotonic|process_time)|timeit)\b")
    assert [str(p) for p in TESTS if p != Path(__file__) and clock.search(p.read_text("utf-8"))] == []


def test_only_training_may_import_lightning_fabric():
    """The contract of import-linter lists every other module of the package."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = {each["name"]: each for each in settings["tool"]["importlinter"]["contracts"]}
    listed = contracts["lightning_fabric only in training"]["source_modules"]
    top = {path.relative_to(ROOT / "src" / "netwright").parts[0].removesuffix(".py") for path in SOURCES}
    assert set(listed) == {f"netwright.{name}" for name in top - {"__init__", "training"}}
