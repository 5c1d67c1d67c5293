"""Training that loses nothing: recipe, loop, checkpoints, tracking."""
