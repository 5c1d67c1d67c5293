"""Every error that Netwright raises, as one tree.

NetwrightError
├── UsageError                  wrong use: exit code 2
│   ├── ShapeError              an input shape that cannot be read
│   │   └── WindowError         a window that does not fit the axis it slides along
│   ├── CallError               a call whose arguments are not literals
│   ├── SpecError               a spec that names no network, or whose arguments are wrong
│   │   └── TrustError          a spec read from a file, whose code this machine does not know
│   ├── DesignError             a design with a shape, budget or constraint out of range
│   │   └── InfeasibleError     constraints that contradict each other
│   ├── DataError               data that is missing, empty, mixed or damaged
│   │   └── UnreadableError     an image, a volume or a map that cannot be read; the message is the reason
│   ├── RecipeError             a recipe with an unknown key or a value out of range
│   └── RunError                a run folder that is in use, finished or of another program
│       └── CheckpointError     a checkpoint that is truncated, altered or of another program
├── ExportError                 a network that a format cannot hold: exit code 1
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
"""What the user's own code may raise while it is built or run; caught only to add where that happened."""


class NetwrightError(Exception):
    """The parent of all errors; a message names the thing, its value and the remedy."""

    exit_code = 1


class UsageError(NetwrightError):
    """A request that cannot be carried out as it stands."""

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
    """A design with a shape, a budget or a constraint out of range."""


class InfeasibleError(DesignError):
    """Constraints that no network satisfies together.

    `conflict` names a minimal set of constraints that contradict each other. Each of `remedies` is enough by
    itself to make the design feasible; the smallest change comes first.
    """

    def __init__(self, message: str, conflict: tuple[str, ...] = (), remedies: tuple[str, ...] = ()):
        super().__init__(message)
        self.conflict, self.remedies = conflict, remedies


class DataError(UsageError):
    """Data that is missing, empty, mixed or damaged."""


class UnreadableError(DataError):
    """A file, or a part of one, that cannot be read as an image, a volume or a map: why not.

    The caller adds which example of which data set it is.
    """


class RecipeError(UsageError):
    """A recipe with an unknown key or a value out of range."""


class RunError(UsageError):
    """A run folder that is in use, that another program wrote, or that is already finished."""


class CheckpointError(RunError):
    """A checkpoint that is truncated, altered or written by something else."""


class DivergenceError(NetwrightError):
    """The training loss became NaN or infinite."""


class ExportError(NetwrightError):
    """A network cannot be written in a format, or the file does not give its outputs."""
