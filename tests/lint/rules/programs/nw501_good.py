import torch
from torch import nn
from torch.nn import functional as F


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)

    def forward(self, x):
        return self.fc(x)

    def predict(self, x):
        return self.forward(x).softmax(1)


class LogProbabilities(Classifier):
    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)


class Either(Classifier):
    def forward(self, x):
        if self.training:
            return self.fc(x)
        return self.fc(x).softmax(1)


x, y = torch.rand(8, 4), torch.randint(0, 3, (8,))
classifier, log, either = Classifier(), LogProbabilities(), Either()
print(nn.CrossEntropyLoss()(classifier(x), y), F.nll_loss(log(x), y), F.cross_entropy(either(x), y))
loss = nn.BCELoss()
print(loss(classifier(x).sigmoid(), torch.ones(8, 3)))
