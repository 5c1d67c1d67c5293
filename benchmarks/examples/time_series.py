"""Forecasting a sine wave with two LSTM cells and L-BFGS."""

# check: Sequence 20
import torch
from torch import nn, optim

STEPS = 15


class Sequence(nn.Module):
    """Reads a series value by value, and may go on alone."""

    def __init__(self):
        super().__init__()
        self.lstm1 = nn.LSTMCell(1, 51)
        self.lstm2 = nn.LSTMCell(51, 51)
        self.linear = nn.Linear(51, 1)

    def forward(self, series, future=0):
        outputs = []
        h_t = torch.zeros(series.size(0), 51, dtype=series.dtype, device=series.device)
        c_t = torch.zeros(series.size(0), 51, dtype=series.dtype, device=series.device)
        h_t2 = torch.zeros(series.size(0), 51, dtype=series.dtype, device=series.device)
        c_t2 = torch.zeros(series.size(0), 51, dtype=series.dtype, device=series.device)
        for input_t in series.split(1, dim=1):
            h_t, c_t = self.lstm1(input_t, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs.append(output)
        for _ in range(future):
            h_t, c_t = self.lstm1(output, (h_t, c_t))
            h_t2, c_t2 = self.lstm2(h_t, (h_t2, c_t2))
            output = self.linear(h_t2)
            outputs.append(output)
        return torch.cat(outputs, dim=1)


def main():
    torch.manual_seed(0)
    data = torch.load("traindata.pt", weights_only=True).double()
    inputs, target = data[3:, :-1], data[3:, 1:]
    test_inputs, test_target = data[:3, :-1], data[:3, 1:]
    seq = Sequence().double()
    criterion = nn.MSELoss()
    optimizer = optim.LBFGS(seq.parameters(), lr=0.8)
    for step in range(STEPS):
        seq.train()

        def closure():
            optimizer.zero_grad()
            out = seq(inputs)
            loss = criterion(out, target)
            loss.backward()
            return loss

        optimizer.step(closure)
        seq.eval()
        with torch.no_grad():
            future = 1000
            pred = seq(test_inputs, future=future)
            loss = criterion(pred[:, :-future], test_target)
            print(f"step {step}: test loss {loss.item():.6f}")
        torch.save(pred[:, test_inputs.size(1) :], f"predict_{step}.pt")


if __name__ == "__main__":
    main()
