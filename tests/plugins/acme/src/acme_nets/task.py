"""A task: classification by the squared error of the probabilities (Brier 1950)."""

from netwright.data.tasks.classification import Classification


class Brier(Classification):
    """Classification whose loss is the mean squared distance between probabilities and classes."""

    name = "acme-brier"

    def loss(self, output, target):
        """Return the mean over the batch of the sum over the classes."""
        return (output.softmax(1) - self.ideal(target) / self.ideal(target).amax()).square().sum(1).mean()
