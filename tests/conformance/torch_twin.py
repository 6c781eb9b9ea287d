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


def slide(size, window, stride, padding):
    """Positions of a window, and how far its first and its last one reach over the border: TensorFlow's `same`."""
    if padding == "valid":
        return (size - window) // stride + 1, 0, 0
    positions = -(-size // stride)
    beyond = max((positions - 1) * stride + window - size, 0)
    return positions, beyond // 2, beyond - beyond // 2


def padded(x, window, strides, padding, value=0.0):
    (_, top, bottom), (_, left, right) = (slide(n, w, s, padding) for n, w, s in zip(x.shape[2:], window, strides))
    return F.pad(x, (left, right, top, bottom), value=value)


def convolution(layer, kernel, x):
    window = [d * (k - 1) + 1 for d, k in zip(layer.dilation_rate, layer.kernel_size)]
    x = padded(x, window, layer.strides, layer.padding)
    return F.conv2d(x, kernel.permute(3, 2, 0, 1).contiguous(), stride=layer.strides, dilation=layer.dilation_rate)


def transposed_convolution(layer, kernel, x):
    """Every position that an input cell reaches, of which the output is a part: it begins as far in as the convolution
    that this transposes reaches over its border."""
    y = F.conv_transpose2d(x, kernel.permute(3, 2, 0, 1).contiguous(), stride=layer.strides)
    for axis, (size, k, s) in enumerate(zip(x.shape[2:], layer.kernel_size, layer.strides), 2):
        same = layer.padding == "same"
        if layer.output_padding is None:
            output = size * s if same else size * s + max(k - s, 0)
        else:
            output = (size - 1) * s + k - 2 * (k // 2 if same else 0) + layer.output_padding[axis - 2]
        before = max((size - 1) * s + k - output, 0) // 2 if same else 0
        missing = max(before + output - y.shape[axis], 0)
        y = F.pad(y, (0, 0, 0, missing) if axis == 2 else (0, missing)).narrow(axis, before, output)
    return y


def spatial(layer, weights, x):
    """Layers of images, channels first."""
    layers = keras.layers
    if isinstance(layer, layers.Conv2DTranspose):
        return transposed_convolution(layer, weights["kernel"], x)
    if isinstance(layer, layers.Conv2D):
        return convolution(layer, weights["kernel"], x)
    if isinstance(layer, layers.MaxPooling2D):
        x = padded(x, layer.pool_size, layer.strides, layer.padding, -math.inf)
        return F.max_pool2d(x, layer.pool_size, layer.strides)
    if isinstance(layer, layers.AveragePooling2D):
        cells = F.avg_pool2d(padded(torch.ones_like(x), layer.pool_size, layer.strides, layer.padding),
                             layer.pool_size, layer.strides)
        return F.avg_pool2d(padded(x, layer.pool_size, layer.strides, layer.padding),
                            layer.pool_size, layer.strides) / cells
    if isinstance(layer, layers.UpSampling2D):
        smooth = {"align_corners": False} if layer.interpolation == "bilinear" else {}
        return F.interpolate(x, scale_factor=layer.size, mode=layer.interpolation, **smooth)
    (top, bottom), (left, right) = layer.padding if isinstance(layer, layers.ZeroPadding2D) else layer.cropping
    sign = 1 if isinstance(layer, layers.ZeroPadding2D) else -1
    return F.pad(x, [sign * n for n in (left, right, top, bottom)])


def layer(layer, weights, x):
    """`layer` of Keras on `x`, with weights {"kernel": …, "bias": …} in Keras's layouts."""
    layers = keras.layers
    if hasattr(layer, "twin"):
        return layer.twin(weights, x)
    if isinstance(layer, layers.Dense):
        y = x @ weights["kernel"] + weights.get("bias", 0)
    elif isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose)):
        y = spatial(layer, weights, x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1) + weights.get("bias", 0)
    elif isinstance(layer, (layers.MaxPooling2D, layers.AveragePooling2D, layers.UpSampling2D, layers.ZeroPadding2D,
                            layers.Cropping2D)):
        return spatial(layer, weights, x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    elif isinstance(layer, layers.GlobalAveragePooling2D):
        return x.mean((1, 2))
    elif isinstance(layer, layers.LayerNormalization):
        return F.layer_norm(x, x.shape[-1:], weights["gamma"], weights["beta"], layer.epsilon)
    elif isinstance(layer, layers.Flatten):
        return x.flatten(1)
    elif isinstance(layer, layers.Reshape):
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
    if hasattr(keras_loss, "torch"):
        return keras_loss.torch
    if name == "BinaryCrossentropy" and keras_loss.from_logits:
        return F.binary_cross_entropy_with_logits
    return {
        "MeanSquaredError": F.mse_loss,
        "MeanAbsoluteError": F.l1_loss,
        "BinaryCrossentropy": binary_crossentropy,
        "CategoricalCrossentropy": F.cross_entropy,
        "Huber": lambda output, target: F.huber_loss(output, target, delta=keras_loss._fn_kwargs["delta"]),
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
                s["m"] = config["momentum"] * s["m"] + rate * g / (s["v"] + epsilon).sqrt()
                change = s["m"]
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
