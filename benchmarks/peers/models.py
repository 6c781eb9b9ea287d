"""The models in PyTorch, as its users write them; channels come first, as PyTorch wants them."""

import torch
from torch import nn
from torch.nn import functional as F

SHAPES = {"dense": (784,), "sparse": (784,), "variational": (784,), "conv": (1, 28, 28), "strided": (1, 28, 28),
          "photo64": (3, 64, 64), "photo128": (3, 128, 128)}


def dense(latent_activation=nn.ReLU):
    return nn.Sequential(nn.Linear(784, 32), latent_activation(), nn.Linear(32, 784))


def conv():
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True),
        nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2),
        nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Upsample(scale_factor=2),
        nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Upsample(scale_factor=2),
        nn.Conv2d(16, 1, 3, padding=1))


def strided():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(7 * 7 * 64, 32),
        nn.Linear(32, 7 * 7 * 64), nn.ReLU(), nn.Unflatten(1, (64, 7, 7)),
        nn.ConvTranspose2d(64, 64, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
        nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
        nn.ConvTranspose2d(32, 1, 3, padding=1))


def photo(size):
    """Colour images of size x size pixels: four strided convolutions, a code of 128 values, and their mirror."""
    rest = size // 16

    def down(inputs, outputs):
        return [nn.Conv2d(inputs, outputs, 3, stride=2, padding=1), nn.ReLU()]

    def up(inputs, outputs):
        return nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1)

    return nn.Sequential(
        *down(3, 32), *down(32, 64), *down(64, 128), *down(128, 256),
        nn.Flatten(), nn.Linear(rest * rest * 256, 128),
        nn.Linear(128, rest * rest * 256), nn.ReLU(), nn.Unflatten(1, (256, rest, rest)),
        up(256, 128), nn.ReLU(), up(128, 64), nn.ReLU(), up(64, 32), nn.ReLU(), up(32, 3))


class Variational(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.mean, self.log_variance = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))

    def forward(self, x):
        """The reconstruction's logits from the mean of the code: what `reconstruct` gives."""
        return self.decoder(self.mean(F.relu(self.hidden(x))))

    def terms(self, x):
        hidden = F.relu(self.hidden(x))
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        code = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decoder(code), mean, log_variance


def build(model):
    return {"dense": dense, "conv": conv, "strided": strided, "variational": Variational, "photo64": lambda: photo(64),
            "photo128": lambda: photo(128), "sparse": lambda: dense(nn.Sigmoid)}[model]()


def loss(model, network, x, from_logits=True):
    """Binary cross-entropy (the mean, but summed over features for the VAE) with the family's penalty."""

    def crossentropy(logits, **options):
        if from_logits:
            return F.binary_cross_entropy_with_logits(logits, x, **options)
        return F.binary_cross_entropy(torch.sigmoid(logits), x, **options)

    if model == "variational":
        logits, mean, log_variance = network.terms(x)
        divergence = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum()
        return (crossentropy(logits, reduction="sum") + divergence) / len(x)
    if model == "sparse":
        code = network[:2](x)
        rho, rho_j = 0.05, code.mean(0)
        divergence = rho * torch.log(rho / rho_j) + (1 - rho) * torch.log((1 - rho) / (1 - rho_j))
        return crossentropy(network[2](code)) + 1e-3 * divergence.sum()
    return crossentropy(network(x))
