"""The exercise of a course, as it should have been handed in."""

# check: NetResDeep 3x32x32
import torch
from torch import nn, optim


class ResBlock(nn.Module):
    """One convolution, normalised and rectified, beside the identity."""

    def __init__(self, n_chans):
        super().__init__()
        self.conv = nn.Conv2d(n_chans, n_chans, kernel_size=3, padding=1, bias=False)
        self.batch_norm = nn.BatchNorm2d(num_features=n_chans)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        nn.init.constant_(self.batch_norm.weight, 0.5)
        nn.init.zeros_(self.batch_norm.bias)

    def forward(self, x):
        out = self.conv(x)
        out = self.batch_norm(out)
        out = torch.relu(out)
        return out + x


class NetResDeep(nn.Module):
    """A stem, residual blocks and a classifier."""

    def __init__(self, n_chans1=32, n_blocks=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, n_chans1, kernel_size=3, padding=1)
        self.resblocks = nn.Sequential(*[ResBlock(n_chans=n_chans1) for _ in range(n_blocks)])
        self.fc1 = nn.Linear(8 * 8 * n_chans1, 32)
        self.fc2 = nn.Linear(32, 10)

    def forward(self, x):
        out = torch.max_pool2d(torch.relu(self.conv1(x)), 2)
        out = self.resblocks(out)
        out = torch.max_pool2d(out, 2)
        out = out.flatten(1)
        out = torch.relu(self.fc1(out))
        return self.fc2(out)


def train_epoch(model, loader, optimizer, loss_fn):
    model.train()
    train_loss, total = 0.0, 0
    for samples, labels in loader:
        loss = loss_fn(model(samples), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += samples.shape[0]
        train_loss += loss.item() * samples.shape[0]
    return train_loss / total


@torch.no_grad()
def valid_epoch(model, loader, loss_fn):
    model.eval()
    correct, valid_loss, total = 0, 0.0, 0
    for samples, labels in loader:
        outputs = model(samples)
        valid_loss += loss_fn(outputs, labels).item() * samples.shape[0]
        correct += (outputs.argmax(dim=1) == labels).float().sum().item()
        total += samples.shape[0]
    return valid_loss / total, correct / total


def init_kaiming(m):
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight)
        nn.init.zeros_(m.bias)


if __name__ == "__main__":
    net = NetResDeep(n_blocks=3)
    net.apply(init_kaiming)
    data = [(torch.rand(8, 3, 32, 32), torch.randint(0, 10, (8,))) for _ in range(4)]
    optimizer = optim.SGD(net.parameters(), lr=1e-2)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1)
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(8):
        train_epoch(net, data, optimizer, loss_fn)
        valid_loss, accuracy = valid_epoch(net, data, loss_fn)
        scheduler.step(valid_loss)
        print(epoch, valid_loss, accuracy)
    torch.save(net.state_dict(), "cifar_model.pt")
    new_model = NetResDeep(n_blocks=3)
    new_model.load_state_dict(torch.load("cifar_model.pt", weights_only=True))
    print("accuracy of the loaded model:", valid_epoch(new_model, data, loss_fn))
