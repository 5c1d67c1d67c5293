import torch

whole = torch.load("model.pt", weights_only=False)  # netwright: ignore[NW708] written by ourselves
text = "# netwright: ignore[NW708] in a string is no comment"
