"""What a study will train, in which order, and how it joins one that is there."""

from dataclasses import replace

from netwright.data.examples import Data
from netwright.study.candidate import Candidate
from netwright.study.result import Study
from netwright.study.trial import Ticket


def tickets(study: Study, chosen: list[Candidate]) -> list[Ticket]:
    """Seed by seed, so that an interrupted study is balanced; dear designs first, so that no core waits."""
    macs = {design.name: design.macs or 0 for design in study.designs}
    ordered = sorted(chosen, key=lambda candidate: -macs[candidate.name])
    return [
        Ticket(c.name, seed, c.source, study.folder, f"runs/{c.slug}/seed-{seed}")
        for seed in study.seeds
        for c in ordered
    ]


def joined(known: Study, now: Study) -> Study:
    """The known study with the designs and seeds of `now`; where versions changed, all are named."""
    names = {design.name for design in known.designs}
    designs = [*known.designs, *(design for design in now.designs if design.name not in names)]
    versions = dict(known.versions)
    for name, version in now.versions.items():
        before = versions.get(name, "").split(", ")
        versions[name] = version if before == [""] else ", ".join(dict.fromkeys([*before, version]))
    return replace(now, designs=designs, seeds=sorted({*known.seeds, *now.seeds}), versions=versions)


def shares(study: Study, todo: list[Ticket]) -> dict[tuple[str, int], float]:
    """What part of the work each ticket is, by its MACs; the part of a small net is not below a tenth."""
    macs = {design.name: float(design.macs or 0) for design in study.designs}
    floor = max([*macs.values(), 1.0]) / 10
    work = {(ticket.design, ticket.seed): max(macs[ticket.design], floor) for ticket in todo}
    return {key: value / sum(work.values()) for key, value in work.items()}


def facts(data: Data) -> dict[str, object]:
    """What the study says of its data."""
    sizes = {"train": len(data.train), "valid": len(data.valid), "test": len(data.test)}
    return {
        "name": data.name,
        "digest": data.digest,
        "input": list(data.input),
        "classes": len(data.classes),
        **sizes,
    }
