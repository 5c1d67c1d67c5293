"""Design, check, train, compare and explain deep networks built from blocks.

Every public name is imported on its first use, so that `import netwright` does not import torch.
"""

from typing import TYPE_CHECKING

from netwright.lazy import attach

if TYPE_CHECKING:
    from netwright import blocks as blocks
    from netwright import design as design
    from netwright import models as models
    from netwright.analysis.summary import Summary as Summary
    from netwright.analysis.summary import summary as summary
    from netwright.blocks.initialise import initialise as initialise
    from netwright.blocks.parameters import tie as tie
    from netwright.data.examples import Data as Data
    from netwright.data.task import Task as Task
    from netwright.errors import CallError as CallError
    from netwright.errors import CheckpointError as CheckpointError
    from netwright.errors import DataError as DataError
    from netwright.errors import DesignError as DesignError
    from netwright.errors import DivergenceError as DivergenceError
    from netwright.errors import ExportError as ExportError
    from netwright.errors import InfeasibleError as InfeasibleError
    from netwright.errors import NetwrightError as NetwrightError
    from netwright.errors import RecipeError as RecipeError
    from netwright.errors import RunError as RunError
    from netwright.errors import ShapeError as ShapeError
    from netwright.errors import SpecError as SpecError
    from netwright.errors import TrustError as TrustError
    from netwright.errors import UnreadableError as UnreadableError
    from netwright.errors import UsageError as UsageError
    from netwright.errors import WindowError as WindowError
    from netwright.lint.finding import Finding as Finding
    from netwright.lint.run import check as check
    from netwright.prediction.ensemble import Ensemble as Ensemble
    from netwright.prediction.evaluate import evaluate as evaluate
    from netwright.prediction.export import export as export
    from netwright.prediction.predict import predict as predict
    from netwright.prediction.predictions import Predictions as Predictions
    from netwright.prediction.scores import Scores as Scores
    from netwright.spec import load as load
    from netwright.study.compare import compare as compare
    from netwright.study.result import Study as Study
    from netwright.trace.graph import Graph as Graph
    from netwright.training.recipe import Recipe as Recipe
    from netwright.training.run import Run as Run
    from netwright.training.run import train as train

__version__ = "0.1.0"

_MODULES = {
    "spec": "load",
    "analysis.summary": "summary Summary",
    "lint.run": "check",
    "lint.finding": "Finding",
    "training.run": "train Run",
    "training.recipe": "Recipe",
    "prediction.ensemble": "Ensemble",
    "prediction.evaluate": "evaluate",
    "prediction.scores": "Scores",
    "prediction.export": "export",
    "prediction.predict": "predict",
    "prediction.predictions": "Predictions",
    "study.compare": "compare",
    "study.result": "Study",
    "blocks.initialise": "initialise",
    "blocks.parameters": "tie",
    "data.examples": "Data",
    "data.task": "Task",
    "trace.graph": "Graph",
    "errors": "NetwrightError UsageError ShapeError WindowError CallError SpecError TrustError "
    "DesignError InfeasibleError DataError UnreadableError RecipeError RunError CheckpointError "
    "ExportError DivergenceError",
    "blocks": "blocks",
    "design": "design",
    "models": "models",
}

__getattr__, __dir__, __all__ = attach("netwright", _MODULES)
__all__ += ["__version__"]
