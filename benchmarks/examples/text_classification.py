"""News topics with a transformer encoder, warm-up per batch and mixed precision."""

# check: Classifier 16:tokens
import torch
from torch import nn
from torch.amp import GradScaler, autocast
from torch.utils.data import DataLoader, TensorDataset

EPOCHS, CLASSES = 10, 4


class Classifier(nn.Module):
    """Token and position embeddings, encoder layers, the mean of the states, a linear head."""

    def __init__(self, vocab=100, dim=64, heads=4, depth=2, length=64):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.position = nn.Parameter(torch.randn(1, length, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(dim, heads, 4 * dim, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, CLASSES)

    def forward(self, tokens):
        x = self.embed(tokens) + self.position[:, : tokens.size(1)]
        x = self.encoder(x)
        x = self.norm(x).mean(dim=1)
        return self.head(x)


class Trainer:
    """Holds what an epoch needs."""

    def __init__(self, model, device, epochs, steps):
        self.model = model.to(device)
        self.device = device
        self.criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=5e-4, weight_decay=0.01)
        self.scheduler = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, max_lr=5e-4, epochs=epochs, steps_per_epoch=steps
        )
        self.scaler = GradScaler(device.type)

    def train(self, loader):
        self.model.train()
        running = 0.0
        for tokens, labels in loader:
            tokens, labels = tokens.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            with autocast(self.device.type):
                logits = self.model(tokens)
                loss = self.criterion(logits, labels)
            self.scaler.scale(loss).backward()
            self.scaler.unscale_(self.optimizer)
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.scaler.step(self.optimizer)
            self.scaler.update()
            self.scheduler.step()
            running += loss.item()
        return running / len(loader)

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        correct, count = 0, 0
        for tokens, labels in loader:
            tokens, labels = tokens.to(self.device), labels.to(self.device)
            logits = self.model(tokens)
            correct += (logits.argmax(dim=1) == labels).sum().item()
            count += labels.size(0)
        return correct / count


def main():
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    news = torch.load("news.pt", weights_only=True)
    train_set = TensorDataset(news["train_tokens"], news["train_labels"])
    test_set = TensorDataset(news["test_tokens"], news["test_labels"])
    train_loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
    test_loader = DataLoader(test_set, batch_size=64)
    trainer = Trainer(Classifier(news["vocab"]), device, EPOCHS, len(train_loader))
    for epoch in range(EPOCHS):
        loss = trainer.train(train_loader)
        print(f"{epoch}: loss {loss:.3f}, accuracy {trainer.evaluate(test_loader):.3f}")


if __name__ == "__main__":
    main()
