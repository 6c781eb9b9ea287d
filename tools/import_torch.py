"""PyTorch models as layers of the library: exported programs, and state_dicts for an architecture that is given.

PyTorch has channels first. Images become (height, width, channels); where it flattens one, or makes one of a vector, the dense
layers beside are reordered.
"""

import numpy as np
import torch

from eigencoder_model import DEFAULTS, Unsupported, make, pair, slide, enlarge

ELEMENTWISE = ("Activation", "Dropout", "BatchNormalization")
# What is only there for the compiler.
IDENTITIES = ("alias", "clone", "contiguous", "detach", "detach_", "_to_copy", "to", "lift_fresh_copy")


def shape_of(value):
    """(height, width, channels) of what follows the batch; PyTorch has (channels, height, width), (height, width), (n)."""
    dims = tuple(int(n) for n in value.shape[1:])
    if not 1 <= len(dims) <= 3:
        raise Unsupported(f"a tensor of shape {tuple(value.shape)}; the library has (n) and (height, width, channels)")
    return (1, 1, dims[0]) if len(dims) == 1 else (*dims, 1) if len(dims) == 2 else (dims[1], dims[2], dims[0])


def dense_weights(weight, bias):
    tensors = {"kernel": weight.T}
    return tensors | ({"bias": bias} if bias is not None else {})


def convolution_weights(weight, bias):
    """(out, in, height, width), or (in, out, height, width) of a transpose, to the library's order."""
    tensors = {"kernel": np.transpose(weight, (2, 3, 1, 0))}
    return tensors | ({"bias": bias} if bias is not None else {})


def normalization(shape, gamma, beta, mean, variance, epsilon):
    scale = (1 if gamma is None else gamma) / np.sqrt(variance + epsilon)
    shift = (0 if beta is None else beta) - mean * scale
    return make("BatchNormalization", shape, tensors={"scale": scale, "shift": shift})


def convolution(name, shape, weight, bias, stride, padding, dilation, groups):
    """One layer, or two where PyTorch's padding, the same on both sides, is neither `same` nor `valid`."""
    if groups != 1:
        raise Unsupported(f"{name}: a convolution with groups {groups}")
    window, stride, dilation = weight.shape[2:], pair(stride), pair(dilation)
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, window)]
    options = {"window": window, "stride": stride, "dilation": dilation, "tensors": convolution_weights(weight, bias)}
    if padding == "same":
        return [make("Conv2D", shape, weight.shape[0], same=True, **options)]
    padding = (0, 0) if padding == "valid" else pair(padding)
    if padding == (0, 0):
        return [make("Conv2D", shape, weight.shape[0], **options)]
    here = [((n + 2 * p - r) // s + 1, p) for n, p, r, s in zip(shape, padding, reach, stride)]
    if here == [slide(n, r, s, True) for n, r, s in zip(shape, reach, stride)]:
        return [make("Conv2D", shape, weight.shape[0], same=True, **options)]
    padded = make("ZeroPadding2D", shape, sides=(*padding, *padding))
    return [padded, make("Conv2D", padded.output, weight.shape[0], **options)]


def transposed_convolution(name, shape, weight, bias, stride, padding, extra, groups, dilation):
    """One layer, or two where PyTorch crops both sides alike and `same` does not."""
    if groups != 1 or pair(dilation) != (1, 1):
        raise Unsupported(f"{name}: a transposed convolution with groups {groups} and dilation {dilation}")
    window, stride, padding, extra = weight.shape[2:], pair(stride), pair(padding), pair(extra)
    here = [((n - 1) * s - 2 * p + k + e, p) for n, k, s, p, e in zip(shape, window, stride, padding, extra)]
    options = {"window": window, "stride": stride, "tensors": convolution_weights(weight, bias)}
    for same, output_padding in ((True, None), (False, None), (False, extra)):
        got = [enlarge(n, k, s, same, None if output_padding is None else output_padding[axis])
               for axis, (n, k, s) in enumerate(zip(shape, window, stride))]
        if got == here:
            return [make("Conv2DTranspose", shape, weight.shape[1], same=same, output_padding=output_padding, **options)]
    default = [max(k, s) == k + e for k, s, e in zip(window, stride, extra)]
    whole = make("Conv2DTranspose", shape, weight.shape[1], output_padding=None if all(default) else extra, **options)
    return [whole, make("Cropping2D", whole.output, sides=(*padding, *padding))]


def pool(name, kind, shape, window, stride, padding, ceil, counts_padding=False):
    window, padding = pair(window), pair(padding)
    stride = pair(stride) if stride else window
    rounded = [-(-(n + 2 * p - k) // s) if ceil else (n + 2 * p - k) // s
               for n, p, k, s in zip(shape, padding, window, stride)]
    here = [(count + 1, p) for count, p in zip(rounded, padding)]
    for same in (False, True):
        if here == [slide(n, k, s, same) for n, k, s in zip(shape, window, stride)]:
            if not (counts_padding and same and padding != (0, 0)):
                return make(kind, shape, window=window, stride=stride, same=same)
    raise Unsupported(f"{name}: a pool with padding {padding}, which is neither `same` nor `valid` here")


def reshape(shape, target):
    if target == shape:
        return None
    layer = make("Flatten", shape) if target[:2] == (1, 1) else make("Reshape", shape, target=target)
    layer.options["channels_first"] = True
    return layer


def activation(shape, name, parameter=None):
    return make("Activation", shape, activation=name, parameter=parameter if parameter is not None else DEFAULTS.get(name))


def convert(node, arguments, shape, target):
    """The library's layers for one call of the program, by the name of its operator."""
    name, operator = node.name, node.target.__name__.split(".")[0]
    a = dict(enumerate(arguments))
    if operator == "linear":
        if shape[:2] != (1, 1):
            raise Unsupported(f"{name}: a linear layer on an image; flatten it first")
        return [make("Dense", shape, a[1].shape[0], tensors=dense_weights(a[1], a.get(2)))]
    if operator in ("conv2d", "convolution") and not (operator == "convolution" and a[6]):
        groups = a.get(8, 1) if operator == "convolution" else a.get(6, 1)
        return convolution(name, shape, a[1], a.get(2), a.get(3, 1), a.get(4, 0), a.get(5, 1), groups)
    if operator == "conv_transpose2d":
        return transposed_convolution(name, shape, a[1], a.get(2), a.get(3, 1), a.get(4, 0), a.get(5, 0), a.get(6, 1),
                                      a.get(7, 1))
    if operator == "batch_norm":
        if a[5]:
            raise Unsupported(f"{name}: the program was exported for training; call model.eval() first")
        return [normalization(shape, a[1], a[2], a[3], a[4], a[7])]
    if operator == "max_pool2d" and pair(a.get(4, 1)) in ((1,), (1, 1)):
        return [pool(name, "MaxPool2D", shape, a[1], a.get(2), a.get(3, 0), a.get(5, False))]
    if operator == "avg_pool2d" and a.get(6) is None:
        return [pool(name, "AveragePool2D", shape, a[1], a.get(2), a.get(3, 0), a.get(4, False), a.get(5, True))]
    if operator == "adaptive_avg_pool2d" and target[:2] == (1, 1):
        return [make("GlobalAveragePool2D", shape)]
    if operator in ("upsample_nearest2d", "upsample_bilinear2d") and not (operator[9] == "b" and a.get(2)):
        if target[0] % shape[0] == 0 and target[1] % shape[1] == 0:
            factor = (target[0] // shape[0], target[1] // shape[1])
            return [make("UpSampling2D", shape, factor=factor, bilinear=operator[9] == "b")]
    if operator in ("constant_pad_nd", "pad") and a.get(2, 0) in (0, "constant") and not a.get(3):
        left, right, top, bottom = (*a[1], 0, 0)[:4]
        kind, sign = ("Cropping2D", -1) if min(a[1]) < 0 else ("ZeroPadding2D", 1)
        return [make(kind, shape, sides=(sign * top, sign * left, sign * bottom, sign * right))]
    if operator in ("flatten", "view", "reshape", "unflatten", "_unsafe_view", "squeeze", "unsqueeze"):
        return [layer for layer in [reshape(shape, target)] if layer]
    if operator == "dropout":
        return [make("Dropout", shape, rate=float(a[1]))]
    plain = {"relu": "relu", "sigmoid": "sigmoid", "tanh": "tanh", "selu": "selu", "silu": "silu", "relu6": "relu6",
             "hardsigmoid": "hard_sigmoid", "exp": "exponential"}
    if operator.rstrip("_") in plain:
        return [activation(shape, plain[operator.rstrip("_")])]
    if operator.rstrip("_") == "leaky_relu":
        return [activation(shape, "leaky_relu", float(a.get(1, 0.01)))]
    if operator.rstrip("_") == "elu" and a.get(2, 1) == 1 and a.get(3, 1) == 1:
        return [activation(shape, "elu", float(a.get(1, 1)))]
    if operator == "gelu" and node.kwargs.get("approximate", a.get(1, "none")) == "none":
        return [activation(shape, "gelu")]
    if operator == "softplus" and a.get(1, 1) == 1:
        return [activation(shape, "softplus")]
    if operator.rstrip("_") == "hardtanh" and (a.get(1), a.get(2)) == (0, 6):
        return [activation(shape, "relu6")]
    if operator in IDENTITIES:
        return []
    raise Unsupported(f"{name}: the library has no layer for {node.target} with {arguments[1:]}")


def module_of(node):
    """The path of the module that the call is in, "encoder.0"."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    return stack[-1][0] if stack else node.name


def read_program(path):
    """The layers of a program of torch.export, a function that runs it, and who made it."""
    program = torch.export.load(path)
    signature, values = program.graph_signature, {}
    tensors = {**program.state_dict, **program.constants}
    layers, previous = [], None
    for node in program.graph.nodes:
        if node.op == "placeholder":
            name = (signature.inputs_to_parameters.get(node.name) or signature.inputs_to_buffers.get(node.name) or
                    signature.inputs_to_lifted_tensor_constants.get(node.name))
            if name:
                values[node] = tensors[name].detach().double().numpy()
            elif previous is None:
                previous = node
            else:
                raise Unsupported("the program has several inputs; expected one")
        elif node.op == "call_function" and not node.target.__name__.startswith("_assert"):
            if node.target.__name__.startswith(("sym_", "add_.", "sub_.")) or not node.args:
                continue
            if node.args[0] is not previous:
                if node.args[0] in values:
                    continue  # a count of batches, say
                raise Unsupported(f"{node.name}: the program branches; the library has chains of layers")
            arguments = [values.get(argument, argument) if isinstance(argument, torch.fx.Node) else argument
                         for argument in node.args]
            made = convert(node, arguments, shape_of(previous.meta["val"]), shape_of(node.meta["val"]))
            for layer in made:
                layer.sources = [module_of(node), node.name]
            if made and made[-1].output != shape_of(node.meta["val"]):
                raise Unsupported(f"{node.name} gives {shape_of(node.meta['val'])}, the library {made[-1].output}")
            layers += made
            previous = node
    encoders = [layer for layer in layers if layer.sources[0].startswith("encoder.")]
    if encoders and any(layer.sources[0].startswith("decoder.") for layer in layers):
        encoders[-1].ends_encoder = True
    first = next(node for node in program.graph.nodes if node.name in signature.user_inputs)
    dims = tuple(int(n) for n in first.meta["val"].shape[1:])
    module, count = program.module(), int(first.meta["val"].shape[0]) if isinstance(first.meta["val"].shape[0], int) else 1

    def predict(samples):
        """Samples and outputs in (height, width, channels) order."""
        values = np.float32(samples).reshape(len(samples), *layers[0].input)
        values = np.transpose(values, (0, 3, 1, 2)) if len(dims) == 3 else values
        values = np.repeat(values.reshape(len(samples), *dims), count, axis=0)
        with torch.no_grad():
            y = module(torch.tensor(values)).numpy()[::count]
        return np.transpose(y, (0, 2, 3, 1)) if y.ndim == 4 else y

    reorder(layers)
    return layers, predict, f"torch {torch.__version__}"


def order(shape):
    """Where each value of an image in (height, width, channels) order lies in (channels, height, width) order."""
    height, width, channels = shape
    return np.arange(height * width * channels).reshape(channels, height, width).transpose(1, 2, 0).ravel()


def permute(layer, places):
    for name in ("scale", "shift"):
        if name in layer.tensors:
            layer.tensors[name] = layer.tensors[name][places]


def reorder(layers):
    """Moves what PyTorch flattens, channels first, into the weights of the dense layers beside."""
    for number, layer in enumerate(layers):
        if not layer.options.pop("channels_first", False):
            continue
        flattens = layer.kind == "Flatten"
        image = layer.input if flattens else layer.output
        places = order(image)
        if (places == np.arange(len(places))).all():
            continue
        beside = layers[number + 1:] if flattens else layers[number - 1::-1] if number else []
        for other in beside:
            if other.kind in ELEMENTWISE:
                permute(other, places)
            elif other.kind == "Dense":
                kernel = other.tensors["kernel"]
                other.tensors["kernel"] = kernel[places] if flattens else kernel[:, places]
                if not flattens and "bias" in other.tensors:
                    other.tensors["bias"] = other.tensors["bias"][places]
                break
            elif flattens and other.kind == "Reshape" and other.output == image:
                other.options.pop("channels_first", None)
                break
            else:
                raise Unsupported(f"{layer.sources}: an image is flattened or made with no dense layer beside")
        else:
            raise Unsupported(f"{layer.sources}: an image is flattened or made with no dense layer beside")


def load_state(path):
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file
        return load_file(path)
    return torch.load(path, map_location="cpu", weights_only=True)


def read_state(path, layers):
    """Fills the layers of an architecture with a state_dict's tensors, in its order. Batch normalisations, which an
    architecture does not have, are folded."""
    groups = {}
    for name, tensor in load_state(path).items():
        prefix, _, last = name.rpartition(".")
        if last != "num_batches_tracked":
            groups.setdefault(prefix, {})[last] = tensor.detach().double().numpy()
    wanted = [layer for layer in layers if layer.kind in ("Dense", "Conv2D", "Conv2DTranspose", "LayerNormalization")]
    filled = []
    for prefix, group in groups.items():
        weight, bias = group.get("weight"), group.get("bias")
        if "running_mean" in group:
            affine = normalization((1, 1, 1), weight, bias, group["running_mean"], group["running_var"], 1e-5)
            from import_model import fold_backward
            if not filled or not fold_backward(filled[-1], affine):
                raise Unsupported(f"{prefix}: a batch normalisation with no layer before it")
            continue
        if len(filled) == len(wanted):
            raise Unsupported(f"{prefix}: the architecture has no layer for it")
        layer = wanted[len(filled)]
        if layer.kind == "LayerNormalization":
            layer.tensors = {"gamma": weight, "beta": bias}
        else:
            layer.tensors = (dense_weights if weight.ndim == 2 else convolution_weights)(weight, bias)
        expected = {"Dense": (layer.input[2], layer.output[2]), "LayerNormalization": (layer.input[2],),
                    "Conv2D": (*layer.option("window", ()), layer.input[2], layer.output[2]),
                    "Conv2DTranspose": (*layer.option("window", ()), layer.output[2], layer.input[2])}[layer.kind]
        got = next(iter(layer.tensors.values())).shape
        if got != expected:
            raise Unsupported(f"{prefix}: weights of shape {got} in the library's order, {layer.sources[0]} has {expected}")
        filled.append(layer)
    if len(filled) < len(wanted):
        raise Unsupported(f"the state_dict has nothing for {wanted[len(filled)].sources[0]}")
    for layer in layers:
        if layer.kind in ("Flatten", "Reshape"):
            layer.options["channels_first"] = True
    reorder(layers)
    return layers, f"torch {torch.__version__}"
