"""Every error a user can meet, as one tree.

NetwrightError
├── UsageError                  wrong use: exit code 2
│   ├── ShapeError              an input shape that cannot be read
│   │   └── WindowError         a window that does not fit the axis it slides along
│   ├── CallError               a call whose arguments are not literals
│   ├── SpecError               a spec that names no network, or with wrong arguments
│   │   └── TrustError          a spec read from a file, whose code was never run here
│   ├── DesignError             a design that cannot be asked for
│   │   └── InfeasibleError     wishes that clash: which, and what to relax
│   ├── DataError               data that is missing, empty, mixed or damaged
│   ├── RecipeError             a recipe with an unknown key or a value out of range
│   └── RunError                a run folder that is in use, not one of ours, or finished
│       └── CheckpointError     a checkpoint that is truncated, altered or of another program
└── DivergenceError             the loss is no longer a number: exit code 1
"""

USER_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a user's own code may raise while we build or run it; caught only to say where."""


class NetwrightError(Exception):
    """Whatever Netwright refuses, in one sentence that names the thing, its value and the remedy."""

    exit_code = 1


class UsageError(NetwrightError):
    """The request itself is wrong."""

    exit_code = 2


class ShapeError(UsageError):
    """An input shape that cannot be read."""


class WindowError(ShapeError):
    """A convolution or pooling window that does not fit the axis it slides along."""


class CallError(UsageError):
    """A call, such as `crop(padding=4)`, whose arguments are not literals."""


class SpecError(UsageError):
    """A spec that names no network, or names one with wrong arguments."""


class TrustError(SpecError):
    """A spec that was read from a file and names code that this user has not trained with on this machine."""


class DesignError(UsageError):
    """A design that cannot be asked for: a shape, a budget or a wish out of range."""


class InfeasibleError(DesignError):
    """Wishes that no network meets together.

    `conflict` names a minimal set of clashing wishes; `remedies` says what to relax, the nearest first, each
    enough by itself.
    """

    def __init__(self, message: str, conflict: tuple[str, ...] = (), remedies: tuple[str, ...] = ()):
        super().__init__(message)
        self.conflict, self.remedies = conflict, remedies


class DataError(UsageError):
    """Data that is missing, empty, mixed or damaged."""


class RecipeError(UsageError):
    """A recipe with an unknown key or a value out of range."""


class RunError(UsageError):
    """A run folder that is in use, that another program wrote, or that is already finished."""


class CheckpointError(RunError):
    """A checkpoint that is truncated, altered or written by something else."""


class DivergenceError(NetwrightError):
    """The training loss became NaN or infinite."""
