"""Options that several commands share."""

from typing import Annotated

from cyclopts import Parameter

Input = Annotated[
    list[str] | None,
    Parameter(
        name="--input",
        negative="",
        help="Shape of one example without the batch, such as 3x32x32. Repeat the option for further inputs. "
        "128:int64 gives a dtype, mask=128 names a parameter of forward.",
    ),
]
Whole = Annotated[
    bool,
    Parameter(
        name="--run",
        negative="",
        help="Execute the whole file that names a network, not only the statements that the network needs.",
    ),
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]
