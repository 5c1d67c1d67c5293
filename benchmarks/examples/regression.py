"""House prices: a perceptron on a table, standardised by the training rows, with early stopping."""

# check: MLP 8
import copy

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, PATIENCE = 200, 10


class MLP(nn.Module):
    """Three linear layers with batch normalisation between."""

    def __init__(self, features=8, hidden=64):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(features, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, 1),
        )

    def forward(self, x):
        return self.layers(x).squeeze(1)


def train(model, loader, criterion, optimizer):
    model.train()
    total, count = 0.0, 0
    for features, price in loader:
        optimizer.zero_grad()
        prediction = model(features)
        loss = criterion(prediction, price)
        loss.backward()
        optimizer.step()
        total += loss.item() * features.size(0)
        count += features.size(0)
    return total / count


@torch.no_grad()
def validate(model, loader, criterion):
    model.eval()
    total, count = 0.0, 0
    for features, price in loader:
        prediction = model(features)
        total += criterion(prediction, price).item() * features.size(0)
        count += features.size(0)
    return total / count


def main():
    torch.manual_seed(0)
    table = torch.load("houses.pt", weights_only=True)
    train_x, train_y = table["x"][:16000], table["y"][:16000]
    val_x, val_y = table["x"][16000:], table["y"][16000:]
    mean, std = train_x.mean(dim=0), train_x.std(dim=0)
    train_x = (train_x - mean) / std
    val_x = (val_x - mean) / std
    train_loader = DataLoader(TensorDataset(train_x, train_y), batch_size=256, shuffle=True)
    val_loader = DataLoader(TensorDataset(val_x, val_y), batch_size=1024)

    model = MLP()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5)
    scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=4)
    best, best_state, bad_epochs = float("inf"), None, 0
    for epoch in range(EPOCHS):
        train_loss = train(model, train_loader, criterion, optimizer)
        val_loss = validate(model, val_loader, criterion)
        scheduler.step(val_loss)
        print(f"{epoch}: {train_loss:.4f} {val_loss:.4f}")
        if val_loss < best:
            best, bad_epochs = val_loss, 0
            best_state = copy.deepcopy(model.state_dict())
        else:
            bad_epochs += 1
            if bad_epochs == PATIENCE:
                break
    model.load_state_dict(best_state)
    torch.save(model.state_dict(), "houses_model.pt")


if __name__ == "__main__":
    main()
