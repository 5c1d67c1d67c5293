import torch
import torch.utils.data
from torch import nn, optim
from torch.nn import functional as F
from torch.optim.lr_scheduler import ReduceLROnPlateau

norm = nn.BatchNorm1d(8)
optimizer = optim.AdamW(norm.parameters())
x = torch.zeros_like(norm.weight)
y = F.relu(x).to(torch.float16)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
loader = torch.utils.data.DataLoader([1, 2])
if hasattr(torch, "shiny_new_thing"):
    torch.shiny_new_thing(x)
try:
    from torch.nowhere import nothing
except ImportError:
    nothing = None
