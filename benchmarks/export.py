"""Every named network of Netwright as ONNX and as a program of torch: what the files give and cost.

    .venv-extras/bin/python benchmarks/export.py [--networks resnet20 unet ...] [--most 30000000] [--out FILE]

in the environment of `make test-extras`. Each (network, format) is exported in a process of its own, at the
input that the network was published for and with random weights, on one thread. `size` says whether its size
is free. The difference is that of `netwright export`: the largest one over random inputs of several batches
and sizes, relative to the largest output, by onnxruntime or by the loaded program. Seconds are those of the
processor, from the network in memory to the verified file. Networks with more than `--most` parameters are
left out.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FORMATS = {"onnx": "onnx", "torch-export": "pt2"}


def networks(most):
    """Return the complete networks of ours by name, without those that are too large."""
    import torch

    from netwright.models.registry import entries
    from netwright.spec import load

    names = []
    for entry in entries().values():
        if entry.own and entry.complete:
            with torch.device("meta"):
                params = sum(p.numel() for p in load(entry.name).parameters())
            if params <= most:
                names.append(entry.name)
    return names


def measure(name, format):
    """Export one network, and print what came of it as JSON."""
    import torch

    import netwright as nw
    from netwright.errors import NetwrightError
    from netwright.models.registry import entries

    torch.set_num_threads(1)
    torch.manual_seed(0)
    input = entries()[name].input
    net = nw.load(name, input=input)
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        try:
            done = nw.export(net, Path(folder) / f"net.{FORMATS[format]}", input=input)
        except NetwrightError as error:
            row = {"refused": str(error)}
        else:
            free = done.input[2:] != tuple(input[1:])
            row = {"difference": done.difference, "bytes": done.bytes, "free": free, "limits": done.limits}
        row["seconds"] = time.process_time() - start
    print(json.dumps(row))


def row(name, format, limit):
    """Return what a process of its own printed, or why it printed nothing."""
    command = [sys.executable, "-W", "ignore", __file__, "--one", name, format]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return {"refused": f"over {limit} s"}
    if done.returncode:
        return {"refused": (done.stderr.strip().splitlines() or ["killed"])[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def cells(result):
    """Return one format of one network as cells of the table."""
    if "refused" in result:
        return f"refused: {result['refused']} | | |"
    size = "free" if result["free"] else "fixed"
    return f"{result['difference']:.0e} | {result['seconds']:.0f} | {result['bytes'] / 2**20:.1f} | {size}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", nargs="+")
    parser.add_argument("--most", type=int, default=30_000_000)
    parser.add_argument("--limit", type=int, default=900, help="seconds for one export")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", nargs=2)
    options = parser.parse_args()
    if options.one:
        return measure(*options.one)
    print("| network | " + " | ".join(f"{name} difference | s | MiB | size" for name in FORMATS) + " |")
    print("|---|" + "---:|---:|---:|---|" * len(FORMATS))
    results = {}
    for name in options.networks or networks(options.most):
        results[name] = {format: row(name, format, options.limit) for format in FORMATS}
        print(f"| {name} | " + " | ".join(map(cells, results[name].values())) + " |", flush=True)
        if options.out:
            options.out.write_text(json.dumps(results, indent=1))
    return None


if __name__ == "__main__":
    main()
