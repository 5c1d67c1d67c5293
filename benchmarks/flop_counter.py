"""Our MACs against torch.utils.flop_counter on released timm networks, forward and backward.

    python -m venv peers && peers/bin/pip install timm
    PYTHONPATH=src peers/bin/python benchmarks/flop_counter.py [--limit 120] [--out results.json]

timm needs torchvision only to transform images; where it is not installed a stand-in takes its place. Both
counters run the same network on the meta device, batch 1, training mode off. A network that differs is listed
with the operations that make the difference.
"""

import argparse
import importlib.abc
import importlib.machinery
import json
import sys
import time
from importlib.util import find_spec
from unittest.mock import MagicMock

import torch
from torch.utils.flop_counter import FlopCounterMode

from netwright.analysis import macs
from netwright.trace.record import record


class StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answer every import of torchvision with an empty module."""

    def find_spec(self, name, path, target=None):
        if name.split(".")[0] == "torchvision":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__spec__, module.__path__, module.__name__ = spec, [], spec.name
        return module

    def exec_module(self, module):
        pass


def families(limit):
    """Yield one small architecture of each family (the file that defines it) in turn, then further ones."""
    import timm

    by_family = {}
    for name in timm.list_models():
        by_family.setdefault(timm.models.model_entrypoint(name).__module__, []).append(name)
    queues, chosen = [sorted(names, key=len) for names in by_family.values()], []
    while any(queues) and len(chosen) < limit:
        for queue in queues:
            if queue and len(chosen) < limit:
                chosen.append(queue.pop(0))
    return chosen


def build(name):
    """Build a network on the meta device, which takes no memory, where its constructor allows it."""
    import timm

    try:
        with torch.device("meta"):
            return timm.create_model(name, pretrained=False)
    except (NotImplementedError, RuntimeError):
        return timm.create_model(name, pretrained=False)


def compare(name):
    start = time.perf_counter()
    net = build(name).eval()
    shape = tuple(net.default_cfg["input_size"])
    built = time.perf_counter() - start
    start = time.perf_counter()
    graph = record(net, shape)
    seconds = time.perf_counter() - start
    if graph.failure:
        return {"name": name, "failure": f"{graph.failure.error}: {graph.failure.message[:200]}"}
    net = net.to("meta") if graph.mode == "meta" else net
    x = torch.zeros(1, *shape, device="meta" if graph.mode == "meta" else "cpu")
    with FlopCounterMode(display=False) as counter:
        net(x)
    theirs = {str(op): count // 2 for op, count in counter.get_flop_counts()["Global"].items()}
    return {
        "name": name,
        "mode": graph.mode,
        "ours": macs.forward(graph),
        "backward": macs.backward(graph),
        "torch": sum(theirs.values()),
        "by_operation": theirs,
        "uncounted": list(macs.uncounted(graph)),
        "seconds": round(seconds, 3),
        "built": round(built, 3),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=120)
    parser.add_argument("--out")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if find_spec("torchvision") is None:
        sys.meta_path.insert(0, StandIn())
    rows = []
    for name in options.names or families(options.limit):
        try:
            row = compare(name)
        except Exception as error:  # noqa: BLE001  # a foreign network may raise anything; its row says what
            row = {"name": name, "failure": f"{type(error).__name__}: {error}"[:300]}
        rows.append(row)
        verdict = row.get("failure") or ("equal" if row["ours"] == row["torch"] else "DIFFERS")
        counts = f"{row.get('ours', 0):>16,} {row.get('torch', 0):>16,}"
        print(
            f"{name:<40} {row.get('mode', ''):<5} {counts} {verdict}", *row.get("uncounted", ()), flush=True
        )
        if options.out:
            with open(options.out, "w") as file:
                json.dump(rows, file, indent=1)
    equal = sum(row.get("ours") == row.get("torch", -1) for row in rows)
    print(f"{equal} of {len(rows)} equal, {sum('failure' in row for row in rows)} not recorded")


if __name__ == "__main__":
    main()
