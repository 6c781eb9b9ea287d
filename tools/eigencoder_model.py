"""A model as its layers: what the architecture lines of a file of weights say, what a person writes in C++, and what it computes.

Shapes are (height, width, channels), (1, 1, n) of a flat vector; tensors have the library's names and layouts, Keras's.
"""

import dataclasses
import math
import pathlib
import re

import numpy as np

ACTIVATIONS = ("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid", "hard_sigmoid", "tanh", "softplus",
               "softsign", "exponential", "silu", "gelu")
DEFAULTS = {"leaky_relu": 0.2, "elu": 1.0}
WEIGHTED = ("Dense", "Conv2D", "Conv2DTranspose")


class Unsupported(Exception):
    """What the library has no layer for, in a sentence that names it."""


@dataclasses.dataclass
class Layer:
    kind: str  # "Conv2D"
    input: tuple
    output: tuple
    activation: str = "linear"
    parameter: float | None = None  # of the activation
    options: dict = dataclasses.field(default_factory=dict)
    tensors: dict = dataclasses.field(default_factory=dict)
    sources: list = dataclasses.field(default_factory=list)  # names in the model that it was read from
    ends_encoder: bool = False

    def option(self, name, default=None):
        return self.options.get(name, default)


def shape_text(shape):
    return f"({shape[2]})" if is_flat(shape) else "({}, {}, {})".format(*shape)


def is_flat(shape):
    return tuple(shape[:2]) == (1, 1)


def number_text(value):
    """As std::to_chars writes it."""
    return repr(float(value)).removesuffix(".0")


def activation_text(layer):
    default = DEFAULTS.get(layer.activation)
    if default is None or layer.parameter is None or layer.parameter == default:
        return layer.activation
    return f"{layer.activation}({number_text(layer.parameter)})"


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


# One axis of a window: what the library's `slide` and `enlarge` give, (outputs, padding before).

def slide(size, window, stride, same):
    if same:
        outputs = -(-size // stride)
        return outputs, max(0, (outputs - 1) * stride + window - size) // 2
    return (0 if size < window else (size - window) // stride + 1), 0


def enlarge(size, window, stride, same, extra):
    least = (size - 1) * stride
    if not same:
        return least + (max(window, stride) if extra is None else window + extra), 0
    output = size * stride if extra is None else least + window % 2 + extra
    return output, max(0, least + window - output) // 2


def axes(layer):
    """Both axes of a layer with windows, (outputs, padding before) each."""
    window, stride = pair(layer.option("window")), pair(layer.option("stride", 1))
    dilation, same = pair(layer.option("dilation", 1)), layer.option("same", False)
    result = []
    for axis in (0, 1):
        if layer.kind == "Conv2DTranspose":
            extra = layer.option("output_padding")
            result.append(enlarge(layer.input[axis], window[axis], stride[axis], same, extra and pair(extra)[axis]
                                  if extra != 0 else 0))
        else:
            result.append(slide(layer.input[axis], dilation[axis] * (window[axis] - 1) + 1, stride[axis], same))
    return result


def make(kind, shape, units=None, **options):
    """A layer bound to the shape of its input; options that are None do not count."""
    activation = options.pop("activation", "linear")
    parameter = options.pop("parameter", None)
    tensors = options.pop("tensors", {})
    sources = options.pop("sources", [])
    layer = Layer(kind, tuple(shape), tuple(shape), activation, parameter,
                  {name: value for name, value in options.items() if value is not None}, tensors, sources)
    height, width, channels = shape
    if kind == "Dense":
        layer.output = (1, 1, units)
    elif kind == "GlobalAveragePool2D":
        layer.options |= {"window": (height, width), "stride": (height, width)}
        layer.output = (1, 1, channels)
    elif "window" in options:
        layer.output = tuple(axis[0] for axis in axes(layer)) + (units or channels,)
    elif kind == "Flatten":
        layer.output = (1, 1, height * width * channels)
    elif kind == "Reshape":
        layer.output = tuple(options["target"])
    elif kind == "UpSampling2D":
        factor = pair(options["factor"])
        layer.output = (height * factor[0], width * factor[1], channels)
    elif kind in ("ZeroPadding2D", "Cropping2D"):
        top, left, bottom, right = options["sides"]
        sign = 1 if kind == "ZeroPadding2D" else -1
        layer.output = (height + sign * (top + bottom), width + sign * (left + right), channels)
    return layer


def size_text(size):
    return "{} x {}".format(*pair(size))


def details(layer):
    """The part of its line that is in parentheses."""
    if "window" in layer.options:
        text = f"{size_text(layer.option('window'))}, stride {size_text(layer.option('stride', 1))}"
        if layer.kind == "Conv2D" and pair(layer.option("dilation", 1)) != (1, 1):
            text += f", dilation {size_text(layer.option('dilation'))}"
        return text + (", same" if layer.option("same") else ", valid")
    if layer.kind in ("ZeroPadding2D", "Cropping2D"):
        return "top {}, left {}, bottom {}, right {}".format(*layer.option("sides"))
    if layer.kind == "UpSampling2D":
        return "bilinear" if layer.option("bilinear") else "nearest"
    if layer.kind == "Activation":
        return activation_text(layer)
    if layer.kind == "TopK":
        return str(layer.option("count"))
    return ""


def line(part, number, layer):
    """What `model.architecture()` says of it."""
    text = f"{part}.{number} {layer.kind}"
    if details(layer):
        text += f" ({details(layer)})"
    if layer.kind != "Activation" and layer.activation != "linear":
        text += f" {activation_text(layer)}"
    return f"{text} {shape_text(layer.input)} -> {shape_text(layer.output)}"


def architecture(encoder, decoder):
    return "\n".join(line(part, number, layer) for part, layers in (("encoder", encoder), ("decoder", decoder))
                     for number, layer in enumerate(layers))


def parse_line(text):
    """The part, the number and the layer of an architecture's line; tensors are not in it."""
    found = re.fullmatch(r"(\w+)\.(\d+) ([A-Za-z0-9 ]+?)(?: \((.+?\)?)\))?(?: ([a-z_0-9]+)(?:\(([^)]+)\))?)?"
                         r" (\([\d, ]+\)) -> (\([\d, ]+\))", text)
    if not found:
        raise Unsupported(f"no line of an architecture: {text}")
    part, number, kind, about, activation, parameter, before, after = found.groups()
    shapes = [tuple(int(n) for n in shape.strip("()").split(", ")) for shape in (before, after)]
    source, target = [(1, 1, *shape) if len(shape) == 1 else shape for shape in shapes]
    layer = Layer(kind, source, target, activation or "linear",
                  float(parameter) if parameter else DEFAULTS.get(activation), sources=[f"{part}.{number}"])
    about = about or ""
    if window := re.match(r"(\d+) x (\d+), stride (\d+) x (\d+)(?:, dilation (\d+) x (\d+))?, (same|valid)$", about):
        numbers = [int(n) if n else 1 for n in window.groups()[:6]]
        layer.options = {"window": tuple(numbers[:2]), "stride": tuple(numbers[2:4]), "dilation": tuple(numbers[4:]),
                         "same": window.group(7) == "same"}
        if kind == "Conv2DTranspose" and tuple(axis[0] for axis in axes(layer)) != target[:2]:
            odd = [size % 2 if layer.option("same") else size for size in layer.option("window")]
            layer.options["output_padding"] = tuple(
                target[axis] - (source[axis] - 1) * layer.option("stride")[axis] - odd[axis] for axis in (0, 1))
    elif kind in ("ZeroPadding2D", "Cropping2D"):
        layer.options["sides"] = tuple(int(n) for n in re.findall(r"\d+", about))
    elif kind == "UpSampling2D":
        layer.options = {"factor": (target[0] // source[0], target[1] // source[1]), "bilinear": about == "bilinear"}
    elif kind == "Activation":
        name, _, value = about.partition("(")
        layer.activation, layer.parameter = name, float(value.rstrip(")")) if value else DEFAULTS.get(name)
    elif kind == "TopK":
        layer.options["count"] = int(about)
    elif kind == "Reshape":
        layer.options["target"] = target
    return part, int(number), layer


def parse_architecture(text):
    """The layers of each part, {"encoder": [...], "decoder": [...]}, and "latent" of a variational autoencoder."""
    parts = {}
    for entry in text.splitlines():
        part, number, layer = parse_line(entry)
        if number != len(parts.setdefault(part, [])):
            raise Unsupported(f"the architecture's line {entry!r} is out of order")
        parts[part].append(layer)
    return parts


def cpp(layer):
    """The layer as a person writes it."""
    def size(value):
        height, width = pair(value)
        return str(height) if height == width else f"Size{{{height}, {width}}}"

    def call(name, value):
        height, width = pair(value)
        return f"{name}({height})" if height == width else f"{name}({height}, {width})"

    arguments = []
    if layer.kind in WEIGHTED:
        arguments.append(str(layer.output[2]))
    if "window" in layer.options and layer.kind != "GlobalAveragePool2D":
        arguments.append(size(layer.option("window")))
        default = layer.option("window") if layer.kind.endswith("Pool2D") else 1
        if pair(layer.option("stride", 1)) != pair(default):
            arguments.append(call("stride", layer.option("stride", 1)))
        if layer.kind == "Conv2D" and pair(layer.option("dilation", 1)) != (1, 1):
            arguments.append(call("dilation", layer.option("dilation")))
        if "output_padding" in layer.options:
            arguments.append(call("output_padding", layer.option("output_padding")))
    if layer.kind == "Reshape":
        flat = is_flat(layer.output)
        arguments.append(f"Shape{{{layer.output[2]}}}" if flat else "Shape{{{}, {}, {}}}".format(*layer.output))
    elif layer.kind == "UpSampling2D":
        arguments += [size(layer.option("factor"))] + ["bilinear"] * bool(layer.option("bilinear"))
    elif layer.kind in ("ZeroPadding2D", "Cropping2D"):
        top, left, bottom, right = layer.option("sides")
        if (top, left) == (bottom, right):
            arguments.append(size((top, left)))
        else:
            arguments.append(f"Border{{.top = {top}, .left = {left}, .bottom = {bottom}, .right = {right}}}")
    elif layer.kind == "Dropout":
        arguments.append(number_text(layer.option("rate")))
    elif layer.kind == "TopK":
        arguments.append(str(layer.option("count")))
    if layer.kind == "Activation" or layer.activation != "linear":
        text = activation_text(layer)
        arguments.append("eigencoder::tanh" if text == "tanh" else text)
    if layer.option("same"):
        arguments.append("same")
    if layer.kind in WEIGHTED and layer.tensors and "bias" not in layer.tensors:
        arguments.append("use_bias(false)")
    return f"{layer.kind}<{', '.join(arguments)}>" if arguments else layer.kind


def library_version():
    header = pathlib.Path(__file__).parent.parent / "include" / "eigencoder" / "core" / "version.hpp"
    return re.search(r'version = "([^"]+)"', header.read_text()).group(1)


def number_list(values):
    return " ".join(np.format_float_positional(v, unique=True, trim="-") for v in np.float32(values).ravel())


# What the layers compute, in double precision.

def activate(name, parameter, x):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    if name == "relu":
        return np.maximum(x, 0)
    if name == "relu6":
        return np.clip(x, 0, 6)
    if name == "leaky_relu":
        return np.where(x < 0, parameter * x, x)
    if name == "elu":
        return np.where(x < 0, parameter * np.expm1(np.minimum(x, 0)), x)
    if name == "selu":
        scale, alpha = 1.0507009873554804934, 1.6732632423543772848
        return scale * np.where(x < 0, alpha * np.expm1(np.minimum(x, 0)), x)
    if name == "sigmoid":
        return sigmoid(x)
    if name == "hard_sigmoid":
        return np.clip(x + 3, 0, 6) / 6
    if name == "tanh":
        return np.tanh(x)
    if name == "softplus":
        return np.logaddexp(x, 0)
    if name == "softsign":
        return x / (1 + np.abs(x))
    if name == "exponential":
        return np.exp(x)
    if name == "silu":
        return x * sigmoid(x)
    if name == "gelu":
        return x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2
    return x


def windows(layer, x, fill):
    """For every tap (u, v) of the window, the cells that the outputs see through it."""
    (rows, top), (columns, left) = axes(layer)
    (height, width), (down, right) = pair(layer.option("window")), pair(layer.option("stride", 1))
    tall, wide = pair(layer.option("dilation", 1))
    below = max(0, (rows - 1) * down + tall * (height - 1) + 1 - x.shape[1] - top)
    beyond = max(0, (columns - 1) * right + wide * (width - 1) + 1 - x.shape[2] - left)
    x = np.pad(x, ((0, 0), (top, below), (left, beyond), (0, 0)), constant_values=fill)
    for u in range(height):
        for v in range(width):
            yield u, v, x[:, u * tall:u * tall + (rows - 1) * down + 1:down,
                          v * wide:v * wide + (columns - 1) * right + 1:right]


def transposed(layer, x):
    (rows, top), (columns, left) = axes(layer)
    (height, width), (down, right) = pair(layer.option("window")), pair(layer.option("stride", 1))
    count, tall, wide, _ = x.shape
    y = np.zeros((count, max(rows + top, (tall - 1) * down + height), max(columns + left, (wide - 1) * right + width),
                  layer.output[2]))
    for u in range(height):
        for v in range(width):
            y[:, u:u + (tall - 1) * down + 1:down, v:v + (wide - 1) * right + 1:right] += (
                x @ layer.tensors["kernel"][u, v].T)
    return y[:, top:top + rows, left:left + columns]


def interpolate(x, axis, factor):
    size = x.shape[axis]
    place = (np.arange(size * factor) + 0.5) / factor - 0.5
    below = np.floor(place).astype(int)
    weight = (place - below).reshape([-1 if a == axis else 1 for a in range(x.ndim)])
    first, second = (np.take(x, np.clip(below + n, 0, size - 1), axis) for n in (0, 1))
    return first + weight * (second - first)


def run_layer(layer, x):
    tensors = layer.tensors
    if layer.kind == "Dense":
        x = x.reshape(len(x), -1) @ tensors["kernel"] + tensors.get("bias", 0)
    elif layer.kind == "Conv2D":
        x = sum(cells @ tensors["kernel"][u, v] for u, v, cells in windows(layer, x, 0)) + tensors.get("bias", 0)
    elif layer.kind == "Conv2DTranspose":
        x = transposed(layer, x) + tensors.get("bias", 0)
    elif layer.kind == "MaxPool2D":
        x = np.max([cells for _, _, cells in windows(layer, x, -np.inf)], axis=0)
    elif layer.kind in ("AveragePool2D", "GlobalAveragePool2D"):
        x = np.nanmean([cells for _, _, cells in windows(layer, x, np.nan)], axis=0)
    elif layer.kind == "UpSampling2D":
        for axis, factor in enumerate(pair(layer.option("factor")), 1):
            x = interpolate(x, axis, factor) if layer.option("bilinear") else np.repeat(x, factor, axis)
    elif layer.kind == "ZeroPadding2D":
        top, left, bottom, right = layer.option("sides")
        x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    elif layer.kind == "Cropping2D":
        top, left, _, _ = layer.option("sides")
        x = x[:, top:top + layer.output[0], left:left + layer.output[1]]
    elif layer.kind == "LayerNormalization":
        variance = x.var(axis=-1, keepdims=True)
        x = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(variance + 1e-3) * tensors["gamma"] + tensors["beta"]
    elif layer.kind not in ("Flatten", "Reshape", "Activation", "Dropout"):
        raise Unsupported(f"{layer.kind} cannot be run here")
    return activate(layer.activation, layer.parameter, x.reshape(len(x), *layer.output))


def run(layers, x):
    """What the layers make of samples, one a row."""
    x = np.asarray(x, np.float64).reshape(len(x), *layers[0].input)
    for layer in layers:
        x = run_layer(layer, x)
    return x
