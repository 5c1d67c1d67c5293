"""Super resolution by a sub-pixel convolution."""

# check: Net 1x32x32
import argparse
from math import log10

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class Net(nn.Module):
    """Four convolutions, the last of which makes the pixels in between."""

    def __init__(self, upscale_factor=3):
        super().__init__()
        self.relu = nn.ReLU()
        self.conv1 = nn.Conv2d(1, 64, (5, 5), (1, 1), (2, 2))
        self.conv2 = nn.Conv2d(64, 64, (3, 3), (1, 1), (1, 1))
        self.conv3 = nn.Conv2d(64, 32, (3, 3), (1, 1), (1, 1))
        self.conv4 = nn.Conv2d(32, upscale_factor**2, (3, 3), (1, 1), (1, 1))
        self.pixel_shuffle = nn.PixelShuffle(upscale_factor)
        self._initialize_weights()

    def forward(self, x):
        x = self.relu(self.conv1(x))
        x = self.relu(self.conv2(x))
        x = self.relu(self.conv3(x))
        return self.pixel_shuffle(self.conv4(x))

    def _initialize_weights(self):
        nn.init.orthogonal_(self.conv1.weight, nn.init.calculate_gain("relu"))
        nn.init.orthogonal_(self.conv2.weight, nn.init.calculate_gain("relu"))
        nn.init.orthogonal_(self.conv3.weight, nn.init.calculate_gain("relu"))
        nn.init.orthogonal_(self.conv4.weight)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--upscale-factor", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--lr", type=float, default=0.001)
    opt = parser.parse_args()
    torch.manual_seed(123)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    pictures = torch.load("bsd300.pt", weights_only=True)
    train_set = TensorDataset(pictures["train_low"], pictures["train_high"])
    test_set = TensorDataset(pictures["test_low"], pictures["test_high"])
    training_data_loader = DataLoader(train_set, batch_size=64, shuffle=True)
    testing_data_loader = DataLoader(test_set, batch_size=10, shuffle=False)

    model = Net(opt.upscale_factor).to(device)
    criterion = nn.MSELoss()
    optimizer = optim.Adam(model.parameters(), lr=opt.lr)

    for epoch in range(1, opt.epochs + 1):
        model.train()
        epoch_loss = 0.0
        for low, high in training_data_loader:
            low, high = low.to(device), high.to(device)
            optimizer.zero_grad()
            loss = criterion(model(low), high)
            epoch_loss += loss.item()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}: average loss {epoch_loss / len(training_data_loader):.4f}")

        model.eval()
        avg_psnr = 0.0
        with torch.no_grad():
            for low, high in testing_data_loader:
                low, high = low.to(device), high.to(device)
                prediction = model(low)
                mse = criterion(prediction, high)
                avg_psnr += 10 * log10(1 / mse.item())
        print(f"average PSNR {avg_psnr / len(testing_data_loader):.4f} dB")
        torch.save(model.state_dict(), f"model_epoch_{epoch}.pth")


if __name__ == "__main__":
    main()
