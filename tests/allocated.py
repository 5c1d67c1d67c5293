"""The bytes that PyTorch's allocator for the CPU hands out, as its profiler sees them."""

from torch._C._profiler import _EventType
from torch.profiler import ProfilerActivity, profile


def most(run):
    """Return the most bytes that are allocated at any time while `run` runs, beyond those before it."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
        run()
    changes = []

    def walk(event):
        if event.tag == _EventType.Allocation:
            changes.append((event.start_time_ns, event.extra_fields.alloc_size))
        for child in event.children:
            walk(child)

    for root in profiled.profiler.kineto_results.experimental_event_tree():
        walk(root)
    now = peak = 0
    for _, change in sorted(changes, key=lambda each: each[0]):
        now += change
        peak = max(peak, now)
    return peak
