"""Pairs of digits: are they the same? Two inputs through one network, a sigmoid and its loss."""

# check: SiameseNetwork 1x28x28 1x28x28
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class SiameseNetwork(nn.Module):
    """One tower for both pictures, a head on their features side by side."""

    def __init__(self):
        super().__init__()
        self.tower = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(1),
        )
        self.fc = nn.Sequential(
            nn.Linear(64, 64),
            nn.ReLU(),
            nn.Linear(64, 1),
        )
        self.sigmoid = nn.Sigmoid()

    def forward_once(self, x):
        output = self.tower(x)
        return output.view(output.size(0), -1)

    def forward(self, input1, input2):
        output1 = self.forward_once(input1)
        output2 = self.forward_once(input2)
        output = torch.cat((output1, output2), 1)
        output = self.fc(output)
        return self.sigmoid(output)


def train(model, device, train_loader, optimizer, criterion):
    model.train()
    for images_1, images_2, targets in train_loader:
        images_1, images_2, targets = images_1.to(device), images_2.to(device), targets.to(device)
        optimizer.zero_grad()
        outputs = model(images_1, images_2).squeeze(1)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()


def test(model, device, test_loader, criterion):
    model.eval()
    test_loss = 0.0
    correct = 0
    with torch.no_grad():
        for images_1, images_2, targets in test_loader:
            images_1, images_2, targets = images_1.to(device), images_2.to(device), targets.to(device)
            outputs = model(images_1, images_2).squeeze(1)
            test_loss += criterion(outputs, targets).item() * targets.size(0)
            pred = torch.where(outputs > 0.5, 1, 0)
            correct += pred.eq(targets).sum().item()
    return test_loss / len(test_loader.dataset), correct / len(test_loader.dataset)


def main(epochs=14):
    pairs = torch.load("pairs.pt", weights_only=True)
    train_loader = DataLoader(TensorDataset(*pairs["train"]), batch_size=64, shuffle=True)
    test_loader = DataLoader(TensorDataset(*pairs["test"]), batch_size=1000)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = SiameseNetwork().to(device)
    criterion = nn.BCELoss()
    optimizer = optim.Adadelta(model.parameters(), lr=1.0)
    scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    for epoch in range(1, epochs + 1):
        train(model, device, train_loader, optimizer, criterion)
        print(epoch, *test(model, device, test_loader, criterion))
        scheduler.step()
    torch.save(model.state_dict(), "siamese_network.pt")


if __name__ == "__main__":
    main()
