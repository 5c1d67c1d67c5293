"""Spoken words: a one-dimensional network on raw audio, with accumulated gradients."""

# check: M5 1x4000
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

ACCUMULATE = 4


class M5(nn.Module):
    """Convolutions on the wave, each normalised, rectified and pooled."""

    def __init__(self, n_input=1, n_output=35, stride=8, n_channel=16):
        super().__init__()
        self.conv1 = nn.Conv1d(n_input, n_channel, kernel_size=80, stride=stride, bias=False)
        self.bn1 = nn.BatchNorm1d(n_channel)
        self.pool1 = nn.MaxPool1d(4)
        self.conv2 = nn.Conv1d(n_channel, n_channel, kernel_size=3, bias=False)
        self.bn2 = nn.BatchNorm1d(n_channel)
        self.pool2 = nn.MaxPool1d(4)
        self.conv3 = nn.Conv1d(n_channel, 2 * n_channel, kernel_size=3, bias=False)
        self.bn3 = nn.BatchNorm1d(2 * n_channel)
        self.fc1 = nn.Linear(2 * n_channel, n_output)

    def forward(self, x):
        x = self.pool1(F.relu(self.bn1(self.conv1(x))))
        x = self.pool2(F.relu(self.bn2(self.conv2(x))))
        x = F.relu(self.bn3(self.conv3(x)))
        x = x.mean(dim=2)
        x = self.fc1(x)
        return F.log_softmax(x, dim=1)


def train(model, loader, optimizer, device):
    model.train()
    losses = []
    for batch_idx, (waves, words) in enumerate(loader):
        waves = waves.to(device)
        words = words.to(device)
        output = model(waves)
        loss = F.nll_loss(output, words) / ACCUMULATE
        loss.backward()
        if (batch_idx + 1) % ACCUMULATE == 0:
            optimizer.step()
            optimizer.zero_grad()
        losses.append(loss.item() * ACCUMULATE)
    return sum(losses) / len(losses)


def test(model, loader, device):
    model.eval()
    correct = 0
    with torch.no_grad():
        for waves, words in loader:
            waves = waves.to(device)
            words = words.to(device)
            output = model(waves)
            pred = output.argmax(dim=-1)
            correct += pred.eq(words).sum().item()
    return correct / len(loader.dataset)


def main(n_epoch=10):
    speech = torch.load("speech_commands.pt", weights_only=True)
    train_set = TensorDataset(speech["train_waves"], speech["train_words"])
    test_set = TensorDataset(speech["test_waves"], speech["test_words"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    train_loader = DataLoader(train_set, batch_size=256, shuffle=True, drop_last=True, pin_memory=True)
    test_loader = DataLoader(test_set, batch_size=256, shuffle=False, drop_last=False, pin_memory=True)
    model = M5().to(device)
    optimizer = optim.Adam(model.parameters(), lr=0.01, weight_decay=0.0001)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=20, gamma=0.1)
    for epoch in range(1, n_epoch + 1):
        loss = train(model, train_loader, optimizer, device)
        accuracy = test(model, test_loader, device)
        scheduler.step()
        print(f"{epoch}: {loss:.4f} {accuracy:.4f}")
    torch.save(model.state_dict(), "m5.pt")


if __name__ == "__main__":
    main()
