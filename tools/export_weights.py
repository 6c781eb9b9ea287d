#!/usr/bin/env python3
"""Take a trained model to Keras or PyTorch.

    export_weights.py model.safetensors model.keras   a Keras model, encoder and decoder as two models within
    export_weights.py model.safetensors weights.pt    a PyTorch state_dict, and what it belongs to is printed

Reads a file of `save`, whose metadata have the architecture. A variational autoencoder's code is its mean. PyTorch has images
with channels first: the dense layers beside a Flatten or a Reshape are reordered, convolutions turned, and padding that
PyTorch's layers do not have stands in a layer of its own. What the other has no layer for is named and refused. Needs NumPy,
safetensors, and Keras or PyTorch.
"""

import argparse
import pathlib
import sys

import numpy as np

from eigencoder_model import Unsupported, axes, is_flat, pair, parse_architecture


def read(path):
    """The encoder's layers and the decoder's, with their tensors."""
    from safetensors import safe_open
    with safe_open(path, "numpy") as file:
        architecture = (file.metadata() or {}).get("architecture")
        tensors = {name: file.get_tensor(name) for name in file.keys()}
    if not architecture:
        raise Unsupported(f"{path} does not tell its architecture; save the model once more")
    parts = parse_architecture(architecture)
    for part, layers in parts.items():
        for number, layer in enumerate(layers):
            prefix = "latent.mean." if layer.kind == "GaussianLatent" else f"{part}.{number}."
            layer.tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
            if layer.kind in ("GaussianLatent", "Contractive Dense"):
                layer.kind = "Dense"
    return parts["encoder"] + parts.get("latent", []), parts["decoder"]


def to_keras(encoder, decoder):
    import keras
    from keras import layers as k

    def activation(layer):
        if layer.activation == "leaky_relu":
            return keras.layers.LeakyReLU(negative_slope=layer.parameter)
        if layer.activation == "elu" and layer.parameter != 1:
            return keras.layers.ELU(alpha=layer.parameter)
        return layer.activation

    def one(layer):
        """The Keras layer of one of the library's, with its weights."""
        window, stride = layer.option("window"), layer.option("stride", 1)
        padding = "same" if layer.option("same") else "valid"
        options = {"activation": activation(layer), "use_bias": "bias" in layer.tensors}
        if layer.kind == "Dense":
            return k.Dense(layer.output[2], **options)
        if layer.kind == "Conv2D":
            return k.Conv2D(layer.output[2], window, stride, padding, dilation_rate=layer.option("dilation", 1), **options)
        if layer.kind == "Conv2DTranspose":
            return k.Conv2DTranspose(layer.output[2], window, stride, padding,
                                     output_padding=layer.option("output_padding"), **options)
        if layer.kind in ("MaxPool2D", "AveragePool2D"):
            return getattr(k, layer.kind.replace("Pool", "Pooling"))(window, stride, padding)
        if layer.kind == "GlobalAveragePool2D":
            return k.GlobalAveragePooling2D()
        if layer.kind == "UpSampling2D":
            return k.UpSampling2D(layer.option("factor"), interpolation="bilinear" if layer.option("bilinear") else "nearest")
        if layer.kind in ("ZeroPadding2D", "Cropping2D"):
            top, left, bottom, right = layer.option("sides")
            return getattr(k, layer.kind)(((top, bottom), (left, right)))
        if layer.kind == "Flatten":
            return k.Flatten()
        if layer.kind == "Reshape":
            return k.Reshape((layer.output[2],) if is_flat(layer.output) else layer.output)
        if layer.kind == "Activation":
            made = activation(layer)
            return k.Activation(made) if isinstance(made, str) else made
        if layer.kind == "LayerNormalization":
            return k.LayerNormalization()
        if layer.kind == "Dropout":
            return k.Dropout(0)
        raise Unsupported(f"{layer.sources[0]}: Keras has no {layer.kind}")

    def model(layers, name):
        shape = layers[0].input
        made = keras.Sequential([keras.Input((shape[2],) if is_flat(shape) else shape)], name=name)
        flat = is_flat(shape)
        for layer in layers:
            # The library takes a flat vector for an image of one cell, and back.
            if flat and "2D" in layer.kind:
                made.add(k.Reshape(layer.input))
            elif not flat and layer.kind == "Dense":
                made.add(k.Flatten())
            twin = one(layer)
            made.add(twin)
            names = [name for name in ("kernel", "gamma", "bias", "beta") if name in layer.tensors]
            twin.set_weights([layer.tensors[name] for name in names])
            if layer.kind in ("Dense", "Flatten", "Reshape", "GlobalAveragePool2D") or "2D" in layer.kind:
                flat = is_flat(layer.output) and (layer.kind == "GlobalAveragePool2D" or "2D" not in layer.kind)
        return made

    return keras.Sequential([model(encoder, "encoder"), model(decoder, "decoder")])


def to_torch(encoder, decoder):
    import torch
    from torch import nn
    from import_torch import order

    def activation(layer):
        name, parameter = layer.activation, layer.parameter
        made = {"linear": None, "relu": nn.ReLU, "relu6": nn.ReLU6, "selu": nn.SELU, "sigmoid": nn.Sigmoid,
                "hard_sigmoid": nn.Hardsigmoid, "tanh": nn.Tanh, "softplus": nn.Softplus, "softsign": nn.Softsign,
                "silu": nn.SiLU, "gelu": nn.GELU, "leaky_relu": lambda: nn.LeakyReLU(parameter),
                "elu": lambda: nn.ELU(parameter)}.get(name, Unsupported)
        if made is Unsupported:
            raise Unsupported(f"{layer.sources[0]}: PyTorch has no module for {name}")
        return [made()] if made else []

    def fill(module, weight, layer):
        module.weight.data = torch.tensor(np.ascontiguousarray(weight, np.float32))
        if "bias" in layer.tensors:
            module.bias.data = torch.tensor(np.float32(layer.tensors["bias"]))
        return module

    def after(layer, fine, coarse):
        """Cells that the last window has beyond the fine map; below 0, those that it leaves over."""
        window, stride = pair(layer.option("window")), pair(layer.option("stride", 1))
        dilation = pair(layer.option("dilation", 1))
        return [(coarse[a] - 1) * stride[a] + dilation[a] * (window[a] - 1) + 1 - fine[a] - axes(layer)[a][1] for a in (0, 1)]

    def padded(layer, conv):
        below, beyond = (max(0, n) for n in after(layer, layer.input, layer.output))
        (_, top), (_, left) = axes(layer)
        if (top, left) == (below, beyond):
            conv.padding = (top, left)
            return [conv]
        return [nn.ZeroPad2d((left, beyond, top, below)), conv]

    def modules(layer):
        window, stride = layer.option("window"), layer.option("stride", 1)
        channels, filters, bias = layer.input[2], layer.output[2], "bias" in layer.tensors
        if layer.kind == "Dense":
            return [fill(nn.Linear(channels, filters, bias), layer.tensors["kernel"].T, layer)]
        if layer.kind in ("Conv2D", "Conv2DTranspose"):
            weight = np.transpose(layer.tensors["kernel"], (3, 2, 0, 1))
        if layer.kind == "Conv2D":
            conv = nn.Conv2d(channels, filters, window, stride, dilation=layer.option("dilation", 1), bias=bias)
            return padded(layer, fill(conv, weight, layer))
        if layer.kind == "Conv2DTranspose":
            (_, top), (_, left) = axes(layer)
            below, beyond = after(layer, layer.output, layer.input)
            conv = nn.ConvTranspose2d(channels, filters, window, stride, bias=bias,
                                      output_padding=(max(0, -below), max(0, -beyond)))
            crop = (left, max(0, beyond), top, max(0, below))
            return [fill(conv, weight, layer)] + ([nn.ZeroPad2d(tuple(-n for n in crop))] if any(crop) else [])
        if layer.kind in ("MaxPool2D", "AveragePool2D"):
            (_, top), (_, left) = axes(layer)
            if (top, left) != (0, 0):
                raise Unsupported(f"{layer.sources[0]}: PyTorch has no pool with padding that differs by side")
            if layer.kind == "MaxPool2D":
                return [nn.MaxPool2d(window, stride, ceil_mode=layer.option("same"))]
            return [nn.AvgPool2d(window, stride, ceil_mode=layer.option("same"), count_include_pad=False)]
        if layer.kind == "GlobalAveragePool2D":
            return [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        if layer.kind == "UpSampling2D":
            factor = tuple(float(n) for n in layer.option("factor"))
            return [nn.Upsample(scale_factor=factor, mode="bilinear" if layer.option("bilinear") else "nearest")]
        if layer.kind in ("ZeroPadding2D", "Cropping2D"):
            top, left, bottom, right = (n if layer.kind == "ZeroPadding2D" else -n for n in layer.option("sides"))
            return [nn.ZeroPad2d((left, right, top, bottom))]
        if layer.kind == "Flatten" or (layer.kind == "Reshape" and is_flat(layer.output)):
            return [nn.Flatten()]
        if layer.kind == "Reshape" and is_flat(layer.input):
            height, width, depth = layer.output
            return [nn.Unflatten(1, (depth, height, width))]
        if layer.kind == "LayerNormalization" and is_flat(layer.input):
            norm = nn.LayerNorm(channels, eps=1e-3)
            layer.tensors["bias"] = layer.tensors["beta"]
            return [fill(norm, layer.tensors["gamma"], layer)]
        if layer.kind == "Dropout":
            return [nn.Dropout(0)]
        if layer.kind == "Activation":
            return []
        raise Unsupported(f"{layer.sources[0]}: PyTorch has no module for {layer.kind} of {layer.input}")

    reorder_for_torch(encoder + decoder, order)
    parts = {name: nn.Sequential(*[module for layer in layers for module in modules(layer) + activation(layer)])
             for name, layers in (("encoder", encoder), ("decoder", decoder))}
    return nn.ModuleDict(parts)


def reorder_for_torch(layers, order):
    """The weights of dense layers beside what PyTorch flattens with channels first."""
    for number, layer in enumerate(layers):
        flattens = layer.kind == "Flatten" or (layer.kind == "Reshape" and is_flat(layer.output))
        if not flattens and layer.kind != "Reshape":
            continue
        image = layer.input if flattens else layer.output
        places = np.argsort(order(image))
        if (places == np.arange(len(places))).all():
            continue
        beside = layers[number + 1:] if flattens else layers[:number][::-1]
        beside = [other for other in beside if other.kind not in ("Activation", "Dropout")]
        if not beside or beside[0].kind != "Dense":
            raise Unsupported(f"{layer.sources[0]}: an image is flattened or made with no dense layer beside")
        tensors = beside[0].tensors
        tensors["kernel"] = tensors["kernel"][places] if flattens else tensors["kernel"][:, places]
        if not flattens and "bias" in tensors:
            tensors["bias"] = tensors["bias"][places]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        encoder, decoder = read(arguments.weights)
        if arguments.output.suffix in (".keras", ".h5"):
            to_keras(encoder, decoder).save(arguments.output)
        elif arguments.output.suffix in (".pt", ".pth"):
            import torch
            model = to_torch(encoder, decoder)
            torch.save(model.state_dict(), arguments.output)
            print(model)
        else:
            raise Unsupported(f"{arguments.output}: expected a name that ends in .keras, .h5, .pt or .pth")
    except Unsupported as reason:
        sys.exit(f"export_weights.py: {reason}")


if __name__ == "__main__":
    main()
