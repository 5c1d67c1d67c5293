"""A word language model: an LSTM over long sequences, clipped gradients, annealed rate."""

# check: RNNModel 16:tokens
import math

import torch
import torch.nn.functional as F
from torch import nn

EPOCHS, BPTT, CLIP = 40, 35, 0.25


class RNNModel(nn.Module):
    """Embedding, LSTM, decoder."""

    def __init__(self, ntoken=100, ninp=64, nhid=64, nlayers=2, dropout=0.2):
        super().__init__()
        self.ntoken, self.nhid, self.nlayers = ntoken, nhid, nlayers
        self.drop = nn.Dropout(dropout)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid, nlayers, dropout=dropout, batch_first=True)
        self.decoder = nn.Linear(nhid, ntoken)
        nn.init.uniform_(self.encoder.weight, -0.1, 0.1)
        nn.init.zeros_(self.decoder.bias)
        nn.init.uniform_(self.decoder.weight, -0.1, 0.1)

    def forward(self, tokens, hidden=None):
        emb = self.drop(self.encoder(tokens))
        output, hidden = self.rnn(emb, hidden)
        output = self.drop(output)
        decoded = self.decoder(output)
        return decoded, hidden


def repackage_hidden(hidden):
    """Hidden states without their history."""
    if isinstance(hidden, torch.Tensor):
        return hidden.detach()
    return tuple(repackage_hidden(h) for h in hidden)


def batchify(data, bsz):
    nbatch = data.size(0) // bsz
    return data[: nbatch * bsz].view(bsz, nbatch).contiguous()


def get_batch(source, i):
    seq_len = min(BPTT, source.size(1) - 1 - i)
    return source[:, i : i + seq_len], source[:, i + 1 : i + 1 + seq_len]


def train(model, train_data, optimizer):
    model.train()
    total_loss = 0.0
    hidden = None
    for i in range(0, train_data.size(1) - 1, BPTT):
        data, targets = get_batch(train_data, i)
        optimizer.zero_grad()
        if hidden is not None:
            hidden = repackage_hidden(hidden)
        output, hidden = model(data, hidden)
        loss = F.cross_entropy(output.flatten(0, 1), targets.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        total_loss += loss.item()
    return total_loss / math.ceil((train_data.size(1) - 1) / BPTT)


def evaluate(model, data_source):
    model.eval()
    total_loss = 0.0
    hidden = None
    with torch.no_grad():
        for i in range(0, data_source.size(1) - 1, BPTT):
            data, targets = get_batch(data_source, i)
            output, hidden = model(data, hidden)
            total_loss += data.size(1) * F.cross_entropy(output.flatten(0, 1), targets.flatten()).item()
    return total_loss / (data_source.size(1) - 1)


def main():
    torch.manual_seed(1111)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    corpus = torch.load("corpus.pt", weights_only=True)
    train_data = batchify(corpus["train"], 20).to(device)
    val_data = batchify(corpus["valid"], 10).to(device)
    model = RNNModel(corpus["ntoken"]).to(device)
    lr, best_val_loss = 20.0, None
    for epoch in range(1, EPOCHS + 1):
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        train(model, train_data, optimizer)
        val_loss = evaluate(model, val_data)
        print(f"epoch {epoch}: loss {val_loss:.2f}, perplexity {math.exp(val_loss):.2f}")
        if best_val_loss is None or val_loss < best_val_loss:
            torch.save(model.state_dict(), "model.pt")
            best_val_loss = val_loss
        else:
            lr /= 4.0


if __name__ == "__main__":
    main()
