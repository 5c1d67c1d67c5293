import torch
from torch import nn, optim
from torch.nn import functional as F
from torch.optim.lr_scheduler import ReduceLROnPlateau

options = {"kernel_size": 3}
conv = nn.Conv2d(3, 8, **options)
lstm = nn.LSTM(8, 16, batch_first=True, proj_size=4)
optimizer = optim.SGD(conv.parameters(), lr=0.1, momentum=0.9)
try:
    scheduler = ReduceLROnPlateau(optimizer, verbose=True)
except TypeError:
    scheduler = ReduceLROnPlateau(optimizer)
sizes = (8, 10)
linear = nn.Linear(*sizes, bias=False)
x = torch.cat(tensors=(conv.weight, conv.weight), axis=1)
y = F.softmax(x.flatten(1), dim=1)
z = F.max_pool2d(x, 2, return_indices=True)
mean = torch.mean(x, (2, 3), keepdims=True)
low, high = torch.aminmax(x, dim=0)
zeros = torch.zeros(2, 3, dtype=x.dtype)
counted = torch.arange(0, 10, layout=torch.strided)
grads = torch.autograd.grad(x.sum(), conv.parameters(), allow_unused=True)
mapped = torch.vmap(F.relu)(x)
