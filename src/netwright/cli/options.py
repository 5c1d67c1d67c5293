"""Options that several commands share."""

from typing import Annotated

from cyclopts import Parameter

Input = Annotated[
    list[str] | None,
    Parameter(
        name="--input",
        negative="",
        help="Shape of one example without batch, 3x32x32; again for a further input; 128:int64 has a dtype, "
        "mask=128 the name of a parameter.",
    ),
]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON instead of a table.")]
