"""Named recipes, and what an open option stands for where nothing is timed."""

from typing import Any

PLAIN: dict[str, Any] = {"precision": "32-true", "channels_last": False, "compile": False}
"""What "auto" stands for where nothing is timed: it runs on every machine."""

PRESETS: dict[str, dict[str, Any]] = {
    "standard": {},
    # He, Zhang, Ren & Sun 2015, section 4.2: the learning rate is cut at 32k and 48k of 64k.
    "he2015": {
        "nesterov": False,
        "schedule": "step",
        "batch": 128,
        "steps": 64_000,
    },
    "course": {
        "lr": 0.01,
        "nesterov": False,
        "weight_decay": 0.0,
        "schedule": "plateau",
        "batch": 64,
        "augment": (),
    },
}
"""The options of each named recipe that differ from the standard one."""
