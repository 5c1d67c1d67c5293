"""Networks that a graph cannot hold, or only for one size, and others that are hard to record."""

import torch
from torch import nn
from torch.nn import functional as F


class Conv(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 4, 3)


class Decides(Conv):
    def forward(self, x):
        y = super().forward(x)
        if y.sum() > 0:
            return y
        return -y


class Fixed(Conv):
    def forward(self, x):
        return super().forward(x).reshape(len(x), -1)


class Pair(Conv):
    def forward(self, x):
        return super().forward(x), x


class Resized(nn.Conv2d):
    """Takes any size, and gives one of 4x4."""

    def __init__(self):
        super().__init__(3, 2, 3, padding=1)

    def forward(self, x):
        return nn.functional.adaptive_avg_pool2d(super().forward(x), 1)


class Scaled(Conv):
    def forward(self, x):
        y = super().forward(x)
        return y * float(y.max())


class Loop(Conv):
    def forward(self, x):
        convolve = super().forward
        return torch.stack([convolve(one) for one in x])


class Arrays(Conv):
    def forward(self, x):
        return torch.from_numpy(super().forward(x).detach().numpy())


class Noisy(Conv):
    def forward(self, x):
        y = super().forward(x)
        return y + torch.randn_like(y)


class Counts(Conv):
    """Keeps a state between calls."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x):
        self.calls += 1
        return super().forward(x) * self.calls


class Named(Conv):
    def forward(self, x):
        return {"map": super().forward(x)}


class TwoInputs(Conv):
    def forward(self, x, y):
        return super().forward(x + y)


class Columns(nn.Module):
    """Takes any width, and one height."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(18, 2)

    def forward(self, x):
        return self.head(x.mean(3).flatten(1))


class Warped(nn.Module):
    """The size of the grid becomes a number."""

    def forward(self, x):
        theta = torch.eye(2, 3).expand(x.shape[0], 2, 3)
        return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)


class Cropped(Conv):
    def forward(self, x):
        return super().forward(x[..., :16] if x.shape[-1] > 16 else x)


class Classes(Conv):
    def forward(self, x):
        return super().forward(x).argmax(1)


class Spectrum(Conv):
    def forward(self, x):
        y = super().forward(x)
        return torch.fft.irfft2(torch.fft.rfft2(y) * 0.5, s=y.shape[-2:])


class Rolled(Conv):
    def forward(self, x):
        return torch.roll(super().forward(x), (1, -2), (2, 3))


class Inverse(Conv):
    def forward(self, x):
        y = super().forward(x)
        return torch.linalg.inv(y @ y.mT + torch.eye(y.shape[2]))


class _Squared(torch.autograd.Function):
    @staticmethod
    def forward(context, x):
        context.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(context, gradient):
        return 2 * context.saved_tensors[0] * gradient


class Square(Conv):
    def forward(self, x):
        return _Squared.apply(super().forward(x))


class Written(Conv):
    """Writes into its map, and into its input."""

    def forward(self, x):
        y = super().forward(x)
        y[:, 0] = 0
        y[:, 1:, ::2] += 1
        x.mul_(2)
        return torch.where(y > 0, y, -0.5) + x[:, :1, 1:-1, 1:-1]


class Masked(nn.Module):
    """Attention between the rows, where each sees those above and none that is empty."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(4, 2, kdim=4, vdim=4, batch_first=True)
        self.embed = nn.Linear(3, 4)

    def forward(self, x):
        rows = self.embed(x.mean(3).transpose(1, 2))
        empty = x.abs().sum((1, 3)) == 0
        future = torch.ones(rows.shape[1], rows.shape[1], dtype=torch.bool).triu(1)
        return self.attention(rows, rows, rows, key_padding_mask=empty, attn_mask=future)[0]


class Recurrent(nn.Module):
    """An LSTM over the rows, from a state of its own making."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)

    def forward(self, x):
        state = x.new_zeros(1, x.shape[0], 4)
        return self.lstm(x.mean(3).transpose(1, 2), (state, state))[0][:, -1]
