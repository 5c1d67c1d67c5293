"""`nw.summary` beside torchinfo, fvcore, ptflops, thop and torchlens: time, peak memory, MACs.

    PYTHONPATH=src:tests peers/bin/python benchmarks/summary.py [--repeat 3] [--batch 1 32] [--out FILE]

where `peers` is an environment with torchinfo, fvcore, ptflops, ultralytics-thop and torchlens besides torch.
Each (network, batch, tool) runs in a process of its own that imports torch and the tool, builds the network,
runs the tool once on a small network to load what it needs (`--cold`: without), then measures: the median of
`--repeat` runs, and the growth of the resident set at its peak. Ours includes the receptive field of each
row and the printed table. Tools run one after the other on one thread.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from statistics import median

NETS = ("resnet18", "resnet152", "densenet121", "vit", "unet", "resnet110", "resnet1202")
TOOLS = ("netwright", "torchinfo", "fvcore", "ptflops", "thop", "torchlens")


def build(name):
    from netwright import load
    from reference import UNet, ViT, densenet121, resnet

    nets = {
        "resnet18": (lambda: resnet([2, 2, 2, 2], False), (3, 224, 224)),
        "resnet152": (lambda: resnet([3, 8, 36, 3], True), (3, 224, 224)),
        "densenet121": (densenet121, (3, 224, 224)),
        "vit": (lambda: ViT(True), (3, 224, 224)),
        "unet": (UNet, (1, 572, 572)),
        "resnet110": (lambda: load("resnet110"), (3, 32, 32)),
        "resnet1202": (lambda: load("resnet1202"), (3, 32, 32)),
    }
    make, shape = nets[name]
    return make(), shape


def run(tool, net, shape, batch):
    """Return the MACs of one example as the tool reports them, after it has made its whole report."""
    return globals()[f"by_{tool}"](net, shape, batch)


def by_netwright(net, shape, batch):
    from netwright import summary

    report = summary(net, shape, batch=batch)
    assert str(report)
    return report.macs


def by_torchinfo(net, shape, batch):
    from torchinfo import summary

    report = summary(net, (batch, *shape), verbose=0, depth=20)
    assert str(report)
    return report.total_mult_adds // batch


def by_fvcore(net, shape, batch):
    import torch
    from fvcore.nn import FlopCountAnalysis, flop_count_table

    analysis = FlopCountAnalysis(net, torch.randn(batch, *shape)).unsupported_ops_warnings(False)
    assert flop_count_table(analysis, max_depth=20)
    return int(analysis.total()) // batch


def by_ptflops(net, shape, batch):
    import torch
    from ptflops import get_model_complexity_info

    # its default backend is aten; the input constructor is how it takes a batch
    totals = get_model_complexity_info(
        net,
        shape,
        as_strings=False,
        print_per_layer_stat=False,
        verbose=False,
        input_constructor=lambda _: torch.randn(batch, *shape),
    )
    return int(totals[0]) // batch


def by_thop(net, shape, batch):
    import torch
    from thop import profile

    return int(profile(net, (torch.randn(batch, *shape),), verbose=False)[0]) // batch


def by_torchlens(net, shape, batch):
    import torch
    import torchlens

    trace = getattr(torchlens, "log_forward_pass", None) or torchlens.trace
    log = trace(net, torch.randn(batch, *shape))
    assert log is not None
    return 0


def resident():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(options):
    import torch

    torch.set_num_threads(1)
    net, shape = build(options.net)
    if not options.cold:
        run(options.tool, torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU()), (3, 8, 8), 1)
    before, seconds, macs = resident(), [], 0
    for _ in range(options.repeat):
        start = time.perf_counter()
        macs = run(options.tool, net, shape, options.batch[0])
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": median(seconds), "bytes": resident() - before, "macs": macs}))


def side_by_side(options):
    rows = []
    for name in options.nets:
        for batch in options.batch:
            for tool in options.tools:
                command = [sys.executable, "-W", "ignore", __file__, "--net", name, "--tool", tool]
                command += ["--batch", str(batch), "--repeat", str(options.repeat)] + [
                    "--cold"
                ] * options.cold
                try:
                    done = subprocess.run(
                        command, capture_output=True, text=True, timeout=options.timeout, check=False
                    )
                    measurement = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
                    why = "" if measurement else (done.stderr.strip().splitlines() or ["killed"])[-1][:100]
                except subprocess.TimeoutExpired:
                    measurement, why = None, f"over {options.timeout} s"
                rows.append({"net": name, "batch": batch, "tool": tool, **(measurement or {"failed": why})})
                measured = (
                    f"{measurement['seconds']:8.3f} s {measurement['bytes'] / 2**20:9.1f} MiB"
                    if measurement
                    else ""
                )
                shown = why or f"{measured} {measurement['macs']:>16,} MACs"
                print(f"{name:<12} batch {batch:<3} {tool:<10} {shown}", flush=True)
                if options.out:
                    with open(options.out, "w") as file:
                        json.dump(rows, file, indent=1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nets", nargs="+", default=NETS)
    parser.add_argument("--tools", nargs="+", default=TOOLS)
    parser.add_argument("--batch", nargs="+", type=int, default=[1, 32])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--timeout", type=int, default=600)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--out")
    parser.add_argument("--net")
    parser.add_argument("--tool")
    options = parser.parse_args()
    measure(options) if options.tool else side_by_side(options)


if __name__ == "__main__":
    main()
