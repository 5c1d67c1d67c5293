"""A denoising autoencoder whose decoder upsamples without a checkerboard."""

# check: Autoencoder 3x32x32
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Encoder(nn.Module):
    """Three strided convolutions."""

    def __init__(self, width=16):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.LeakyReLU(0.1),
            nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1),
        )

    def forward(self, x):
        return self.layers(x)


class Decoder(nn.Module):
    """Three transposed convolutions, and a picture between 0 and 1."""

    def __init__(self, width=16):
        super().__init__()
        self.up1 = nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1)
        self.up2 = nn.ConvTranspose2d(2 * width, width, 4, stride=2, padding=1)
        self.up3 = nn.ConvTranspose2d(width, 3, 4, stride=2, padding=1)

    def forward(self, code):
        x = F.relu(self.up1(F.relu(code)))
        x = F.relu(self.up2(x))
        return torch.sigmoid(self.up3(x))


class Autoencoder(nn.Module):
    """Down and up."""

    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, x):
        return self.decoder(self.encoder(x))


def train(model, loader, optimizer, device, noise=0.1):
    model.train()
    total = 0.0
    for clean, _ in loader:
        clean = clean.to(device)
        noisy = clean + noise * torch.randn_like(clean)
        restored = model(noisy)
        loss = F.mse_loss(restored, clean)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def validate(model, loader, device):
    model.eval()
    total = 0.0
    for clean, _ in loader:
        clean = clean.to(device)
        restored = model(clean)
        total += F.mse_loss(restored, clean, reduction="sum").item() / clean[0].numel()
    return total / len(loader.dataset)


def main(epochs=30):
    train_set = datasets.CIFAR10("./data", train=True, download=True, transform=transforms.ToTensor())
    val_set = datasets.CIFAR10("./data", train=False, download=True, transform=transforms.ToTensor())
    train_loader = DataLoader(train_set, batch_size=128, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=256)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Autoencoder().to(device)
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    for epoch in range(epochs):
        train_loss = train(model, train_loader, optimizer, device)
        print(f"{epoch}: {train_loss:.4f} {validate(model, val_loader, device):.4f}")
    torch.save(model.encoder.state_dict(), "encoder.pt")


if __name__ == "__main__":
    main()
