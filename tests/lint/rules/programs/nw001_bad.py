import torch

steps = 10  # netwright: ignore[NW708] nothing is loaded here; must be reported: NW001
weights = torch.load("weights.pt", weights_only=True)  # netwright: ignore[NW799] no such rule; NW001
