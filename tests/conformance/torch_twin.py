"""What the Keras layers, losses and optimisers of the conformance cases mean, written out in PyTorch."""

import math

import keras
import torch
from torch.nn import functional as F


ACTIVATIONS = {
    "linear": lambda x: x,
    "relu": F.relu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "silu": F.silu,
    "softplus": lambda x: F.softplus(x, threshold=1e9),
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "hard_sigmoid": lambda x: (x / 6 + 0.5).clamp(0, 1),  # F.hardsigmoid's derivative is 1/6 in float32 only
}


def layer(layer, weights, x):
    """`layer` of Keras on `x`, with weights {"kernel": …, "bias": …} in Keras's layouts."""
    if isinstance(layer, keras.layers.Dense):
        y = x @ weights["kernel"] + weights.get("bias", 0)
    elif isinstance(layer, keras.layers.Flatten):
        return x.flatten(1)
    elif isinstance(layer, keras.layers.Reshape):
        return x.reshape(len(x), *layer.target_shape)
    else:
        raise TypeError(f"torch_twin.layer: no twin of {type(layer).__name__}")
    return ACTIVATIONS[layer.activation.__name__](y)


def run(part, sequential, weights, x):
    """The layers of one part of the autoencoder, `part` being the prefix of their weights' names."""
    for number, each in enumerate(sequential.layers):
        prefix = f"{part}.{number}."
        x = layer(each, {n[len(prefix):]: w for n, w in weights.items() if n.startswith(prefix)}, x)
    return x


def forward(parts, weights, x):
    for part, sequential in parts.items():
        x = run(part, sequential, weights, x)
    return x


def regularisation(parts, weights):
    """Sum of the kernels' L1 and L2 penalties: l1 sum |w| + l2 sum w^2."""
    total = 0.0
    for part, sequential in parts.items():
        for number, each in enumerate(sequential.layers):
            penalty = getattr(each, "kernel_regularizer", None)
            if penalty is not None:
                kernel = weights[f"{part}.{number}.kernel"]
                total = total + float(penalty.l1) * kernel.abs().sum() + float(penalty.l2) * kernel.square().sum()
    return total


def binary_crossentropy(output, target):
    """Keras limits the probabilities to [1e-7, 1 - 1e-7]."""
    return F.binary_cross_entropy(output.clamp(1e-7, 1 - 1e-7), target)


def log_cosh(output, target):
    difference = output - target
    return (difference + F.softplus(-2 * difference) - math.log(2)).mean()


def loss(keras_loss):
    """The mean over samples and features, as `function(output, target)`."""
    name = type(keras_loss).__name__
    if name == "BinaryCrossentropy" and keras_loss.from_logits:
        return F.binary_cross_entropy_with_logits
    return {
        "MeanSquaredError": F.mse_loss,
        "MeanAbsoluteError": F.l1_loss,
        "BinaryCrossentropy": binary_crossentropy,
        "Huber": F.huber_loss,
        "LogCosh": log_cosh,
    }[name]


def clip(config, weights):
    """Keras clips each tensor's norm, or the norm of all of them together, or each element."""
    gradients = [w.grad for w in weights]
    if config["clipnorm"]:
        for g in gradients:
            g *= config["clipnorm"] / max(g.norm().item(), config["clipnorm"])
    elif config["global_clipnorm"]:
        norm = math.sqrt(sum(g.square().sum().item() for g in gradients))
        for g in gradients:
            g *= config["global_clipnorm"] / max(norm, config["global_clipnorm"])
    elif config["clipvalue"]:
        for g in gradients:
            g.clamp_(-config["clipvalue"], config["clipvalue"])


def optimizer(keras_optimizer, weights):
    """One step of `keras_optimizer` on the gradients that `weights` hold, as a function of no argument.

    Where torch.optim has the formula it is used. Adam's epsilon is added after the bias correction there and before it
    in Keras, so it is rescaled in each step; RMSprop's and Adagrad's is under the root in Keras, AdaMax's outside the
    maximum, so these three are written out.
    """
    config, name = keras_optimizer.get_config(), type(keras_optimizer).__name__
    schedule = keras_optimizer._learning_rate if callable(keras_optimizer._learning_rate) else None
    rate = config["learning_rate"] if schedule is None else 0.0
    betas = (config.get("beta_1"), config.get("beta_2"))
    epsilon = config.get("epsilon")
    state = [{"m": torch.zeros_like(w), "v": torch.zeros_like(w)} for w in weights]
    step = 0

    if name == "SGD":
        inner = torch.optim.SGD(weights, rate, config["momentum"], nesterov=config["nesterov"])
    elif name == "Adam":
        inner = torch.optim.Adam(weights, rate, betas)
    elif name == "AdamW":
        inner = torch.optim.AdamW(weights, rate, betas, weight_decay=config["weight_decay"])
    elif name == "Nadam":
        inner = torch.optim.NAdam(weights, rate, betas, epsilon, momentum_decay=1.0)
    else:
        inner = None

    def written_out(rate):
        for w, s in zip(weights, state):
            g = w.grad
            if name == "RMSprop":
                s["v"] = config["rho"] * s["v"] + (1 - config["rho"]) * g.square()
                change = rate * g / (s["v"] + epsilon).sqrt()
            elif name == "Adagrad":
                s["v"] = s["v"] + g.square() + (config["initial_accumulator_value"] if step == 1 else 0)
                change = rate * g / (s["v"] + epsilon).sqrt()
            elif name == "Adamax":
                s["m"] = betas[0] * s["m"] + (1 - betas[0]) * g
                s["v"] = torch.maximum(betas[1] * s["v"], g.abs())
                change = rate / (1 - betas[0] ** step) * s["m"] / (s["v"] + epsilon)
            else:
                raise TypeError(f"torch_twin.optimizer: no twin of {name}")
            w -= change

    @torch.no_grad()
    def update():
        nonlocal step
        clip(config, weights)
        now = rate if schedule is None else float(schedule(step))
        step += 1
        if inner is None:
            return written_out(now)
        for group in inner.param_groups:
            group["lr"] = now
            if name in ("Adam", "AdamW"):
                group["eps"] = epsilon / math.sqrt(1 - betas[1] ** step)
        inner.step()

    return update
