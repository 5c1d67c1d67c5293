"""Lightning's Trainer on the data of `benchmarks/train.py`: it runs one round for each line that it reads."""

import json
import sys

import pytorch_lightning as pl
import torch
from safetensors.torch import load_file
from torch import nn


class Images(torch.utils.data.Dataset):
    """A data set that returns one image at a time, as the plain loop does."""

    def __init__(self, facts: dict):
        tensors = load_file(facts["data"])
        self.inputs, self.targets = tensors["inputs"], tensors["targets"]
        self.mean = torch.tensor(facts["mean"])[:, None, None]
        self.std = torch.tensor(facts["std"])[:, None, None]

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int):
        image = (self.inputs[index].float() / 255 - self.mean) / self.std
        top, left = torch.randint(0, 9, (2,)).tolist()
        image = nn.functional.pad(image, (4, 4, 4, 4))[:, top : top + 32, left : left + 32]
        return image.flip(2) if torch.rand(()) < 0.5 else image, self.targets[index]


class Module(pl.LightningModule):
    """Wait for a line of standard input between the rounds."""

    def __init__(self, net: nn.Module, steps: int):
        super().__init__()
        self.net, self.steps = net, steps

    def training_step(self, batch, index):
        """Train one step, and report the end of a round on standard output."""
        if self.global_step % self.steps == 0:
            if self.global_step:
                print("done", flush=True)
            sys.stdin.readline()
        return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

    def configure_optimizers(self):
        """Use the same optimizer as the other contenders."""
        return torch.optim.SGD(self.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)


def main() -> None:
    facts = json.loads(sys.argv[1])
    sys.path.insert(0, facts["home"])
    from netwright.spec import load

    module = Module(load("resnet20"), facts["steps"])
    loader = torch.utils.data.DataLoader(Images(facts), 128, shuffle=True, drop_last=True)
    trainer = pl.Trainer(
        max_epochs=-1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False
    )
    trainer.fit(module, loader)


main()
