"""The outcome of a study in one sentence."""

from netwright.study.result import Design, Study
from netwright.study.table import percent


def headline(study: Study) -> str:
    """Who has the lowest test error, and against whom the runs tell."""
    done = [design for design in study.designs if design.finished]
    if not done:
        return "No run finished, so there is nothing to compare."
    if len(study.designs) == 2 and len(done) == 2:
        return study.verdicts[0].text
    best = min(done, key=_mean)
    told: list[str] = []
    open_: list[str] = []
    for verdict in study.verdicts:
        pair = {verdict.first, verdict.second}
        if best.name in pair and pair <= {design.name for design in done}:
            other = (pair - {best.name}).pop()
            (told if verdict.better == best.name else open_).append(other)
    facts = [
        f"better than {_list(told)}" if told else "",
        f"not told apart from {_list(open_)}" if open_ else "",
    ]
    rest = "; ".join(fact for fact in facts if fact)
    share = percent(best.error("test"))
    return f"{best.name} has the lowest test error, {share} %" + (f": {rest}." if rest else ".")


def _mean(design: Design) -> float:
    error = design.error("test")
    assert error is not None
    return error.mean


def _list(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
