"""Fine-tuning: a frozen body, a new head for several labels at a time, two learning rates."""

# check: Tagger 3x64x64
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset


class Body(nn.Module):
    """Convolutions whose weights come from another task."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.SiLU(),
        )
        self.stages = nn.Sequential(
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(32),
            nn.SiLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.SiLU(),
        )
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = self.stages(self.stem(x))
        return self.pool(x).flatten(1)


class Tagger(nn.Module):
    """The body and a head of two layers."""

    def __init__(self, tags=12):
        super().__init__()
        self.body = Body()
        self.hidden = nn.Linear(64, 64)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(64, tags)

    def forward(self, x):
        x = self.body(x)
        x = self.drop(torch.relu(self.hidden(x)))
        return self.out(x)


def freeze(module):
    for parameter in module.parameters():
        parameter.requires_grad = False


def train_step(model, images, tags, criterion, optimizer):
    optimizer.zero_grad()
    logits = model(images)
    loss = criterion(logits, tags.float())
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 0.5)
    optimizer.step()
    return loss.item()


@torch.no_grad()
def f1(model, loader, device):
    model.eval()
    true, false, missed = 0, 0, 0
    for images, tags in loader:
        images, tags = images.to(device), tags.to(device).bool()
        predicted = model(images) > 0
        true += (predicted & tags).sum().item()
        false += (predicted & ~tags).sum().item()
        missed += (~predicted & tags).sum().item()
    return 2 * true / (2 * true + false + missed)


def main(epochs=12):
    pictures = torch.load("pictures.pt", weights_only=True)
    train_set = TensorDataset(pictures["train"], pictures["train_tags"])
    val_set = TensorDataset(pictures["val"], pictures["val_tags"])
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=64)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = Tagger()
    model.body.load_state_dict(torch.load("body.pt", map_location="cpu", weights_only=True))
    freeze(model.body.stem)
    model = model.to(device)
    criterion = nn.BCEWithLogitsLoss()
    head = [*model.hidden.parameters(), *model.out.parameters()]
    optimizer = optim.AdamW(
        [{"params": model.body.stages.parameters(), "lr": 1e-5}, {"params": head}], lr=1e-3
    )
    scheduler = optim.lr_scheduler.MultiStepLR(optimizer, milestones=[6, 9], gamma=0.1)
    for epoch in range(epochs):
        model.train()
        running = 0.0
        for images, tags in train_loader:
            running += train_step(model, images.to(device), tags.to(device), criterion, optimizer)
        scheduler.step()
        print(f"{epoch}: loss {running / len(train_loader):.4f}, F1 {f1(model, val_loader, device):.3f}")


if __name__ == "__main__":
    main()
