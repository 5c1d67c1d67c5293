"""Every public name with the type that a type checker must see; mypy checks this file, nothing runs it."""

from typing import assert_type

from torch import nn

import netwright as nw

ERRORS: tuple[type[nw.NetwrightError], ...] = (
    nw.CallError,
    nw.CheckpointError,
    nw.DataError,
    nw.DesignError,
    nw.DivergenceError,
    nw.ExportError,
    nw.InfeasibleError,
    nw.RecipeError,
    nw.RunError,
    nw.ShapeError,
    nw.SpecError,
    nw.TrustError,
    nw.UnreadableError,
    nw.UsageError,
    nw.WindowError,
)


def everything(data: nw.Data, task: nw.Task, graph: nw.Graph) -> tuple[nw.Run, nw.Study]:
    """Pass every function's result on under its declared type."""
    net = assert_type(nw.load("resnet20"), nn.Module)
    nw.tie(net, "head", net)
    assert_type(nw.initialise(net, {}), nn.Module)
    assert_type(nw.summary(net, (3, 32, 32)), nw.Summary)
    assert_type(nw.check(net, (3, 32, 32)), list[nw.Finding])
    assert_type(nw.Ensemble([net, "resnet20"], "vote").run, nw.Run | None)
    assert_type(nw.__version__, str)
    assert all((nw.blocks, nw.models, nw.design.encoder, task, graph))
    assert str(nw.export(net, "net.onnx", input=(3, 32, 32)))
    assert_type(nw.evaluate("runs/mlp", data), nw.Scores)
    assert_type(nw.predict("run", ["a.png"], out="out"), nw.Predictions)
    recipe = assert_type(nw.Recipe(epochs=1), nw.Recipe)
    return nw.train(net, data, recipe, out="run"), nw.compare(["resnet20"], data, recipe, out="study")
