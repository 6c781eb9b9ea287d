#!/usr/bin/env python3
"""Bring a trained model of Keras or PyTorch into the library.

    import_model.py model.keras                 or model.h5, model.hdf5: Keras
    import_model.py model.pt2                   PyTorch: a program saved by torch.export.save
    import_model.py weights.pt --architecture model.safetensors
                                                PyTorch: a state_dict, of this architecture; also .pth, .safetensors

Writes model.hpp, the types as a person would write them, and model.safetensors, the weights, with a test vector that `verify`
of eigencoder/io/metadata.hpp checks. Batch normalisations become part of their neighbours. The encoder ends at the bottleneck, the
first of the smallest layers, or at the layer named by --split, or where a model of two models, or of modules `encoder` and
`decoder`, says so. What the library has no layer for is named and refused. Needs NumPy, safetensors, and Keras or PyTorch.
"""

import argparse
import pathlib
import sys

import numpy as np

from eigencoder_model import (WEIGHTED, Unsupported, architecture, cpp, is_flat, library_version, make, number_list,
                              parse_architecture, run, shape_text)

TOLERANCE = 1e-5


def fold_backward(layer, affine):
    """Into the layer before, if it is linear: scale (w x + b) + shift."""
    if layer.kind not in WEIGHTED or layer.activation != "linear":
        return False
    scale, shift = affine.tensors["scale"], affine.tensors["shift"]
    # A transposed convolution's kernel has the outputs last but one.
    layer.tensors["kernel"] = layer.tensors["kernel"] * (scale[:, None] if layer.kind == "Conv2DTranspose" else scale)
    layer.tensors["bias"] = layer.tensors.get("bias", 0) * scale + shift
    return True


def fold_forward(affine, layers):
    """Into the layer after: w (scale x + shift) + b. Padding with zeros comes after the shift, and so forbids one."""
    following = [layer for layer in layers if layer.kind != "Dropout"]
    scale, shift = affine.tensors["scale"], affine.tensors["shift"]
    if following and following[0].kind == "Flatten":
        cells = following[0].input[0] * following[0].input[1]
        scale, shift = np.tile(scale, cells), np.tile(shift, cells)
        following = following[1:]
    if not following or following[0].kind not in ("Dense", "Conv2D"):
        return False
    layer = following[0]
    if layer.option("same") and shift.any():
        return False
    kernel = layer.tensors["kernel"]
    layer.tensors["kernel"] = kernel * scale[:, None]
    layer.tensors["bias"] = layer.tensors.get("bias", 0) + (kernel * shift[:, None]).sum(axis=tuple(range(kernel.ndim - 1)))
    return True


def as_layer(affine):
    """What fits into no neighbour, as a diagonal layer of its own."""
    channels = affine.input[2]
    tensors = {"kernel": np.diag(affine.tensors["scale"]), "bias": affine.tensors["shift"]}
    if is_flat(affine.input):
        return make("Dense", affine.input, channels, tensors=tensors, sources=affine.sources)
    tensors["kernel"] = tensors["kernel"][None, None]
    return make("Conv2D", affine.input, channels, window=(1, 1), tensors=tensors, sources=affine.sources)


def simplify(layers):
    """Without batch normalisations, and with activations as options of the layers that they follow."""
    folded = []
    for number, layer in enumerate(layers):
        if layer.kind != "BatchNormalization":
            folded.append(layer)
            continue
        before = [other for other in folded if other.kind != "Dropout"]
        if before and fold_backward(before[-1], layer):
            before[-1].sources += layer.sources
            before[-1].ends_encoder |= layer.ends_encoder
        elif fold_forward(layer, layers[number + 1:]):
            if layer.ends_encoder and folded:
                folded[-1].ends_encoder = True
        else:
            folded.append(as_layer(layer))
            folded[-1].ends_encoder = layer.ends_encoder
    result = []
    for layer in folded:
        if layer.kind == "Activation" and result and result[-1].kind in WEIGHTED and result[-1].activation == "linear":
            result[-1].activation, result[-1].parameter = layer.activation, layer.parameter
            result[-1].sources += layer.sources
            result[-1].ends_encoder |= layer.ends_encoder
        else:
            result.append(layer)
    return result


def split(layers, name):
    """How many layers are the encoder's."""
    if name:
        found = [number for number, layer in enumerate(layers) if name in layer.sources]
        if not found:
            names = ", ".join(source for layer in layers for source in layer.sources)
            raise Unsupported(f"there is no layer {name} to split after; there are {names}")
        return found[-1] + 1
    marked = [number for number, layer in enumerate(layers) if layer.ends_encoder]
    if marked:
        return marked[-1] + 1
    sizes = [int(np.prod(layer.output)) for layer in layers]
    last = sizes.index(min(sizes[:-1] or sizes))
    while last + 2 < len(layers) and layers[last + 1].kind in ("Activation", "Dropout", "LayerNormalization"):
        last += 1
    return last + 1


def sequential(first, layers):
    indent = " " * len("using Encoder = Sequential<")
    return "Sequential<" + f",\n{indent}".join([first] + [cpp(layer) for layer in layers]) + ">"


def header(encoder, decoder, source, weights, name):
    shape = encoder[0].input
    first = f"Shape{{{shape[2]}}}" if is_flat(shape) else "Shape{{{}, {}, {}}}".format(*shape)
    return f"""#pragma once

#include <eigencoder/eigencoder.hpp>

/// Made of {source} by tools/import_model.py, as are its weights:
///
///     {name}::Model model;
///     eigencoder::load(model, "{weights}");    // io/safetensors.hpp
///     eigencoder::verify(model, "{weights}");  // io/metadata.hpp: it computes what {source} does
namespace {name} {{

using namespace eigencoder;

using Encoder = {sequential(first, encoder)};
using Decoder = {sequential("Encoder::output", decoder)};
using Model = Autoencoder<Encoder, Decoder>;

}}  // namespace {name}
"""


def write_weights(path, encoder, decoder, metadata):
    from safetensors.numpy import save_file
    tensors = {f"{part}.{number}.{name}": np.ascontiguousarray(tensor, np.float32)
               for part, layers in (("encoder", encoder), ("decoder", decoder))
               for number, layer in enumerate(layers) for name, tensor in layer.tensors.items()}
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise Unsupported(f"{name} has values that are not finite floats")
    common = {"format": "eigencoder", "version": library_version(), "architecture": architecture(encoder, decoder)}
    save_file(tensors, path, metadata=common | metadata)


def read_architecture(path):
    """Of a file of weights, or of a text."""
    if path.suffix != ".safetensors":
        return path.read_text()
    from safetensors import safe_open
    with safe_open(path, "numpy") as file:
        return (file.metadata() or {}).get("architecture", "")


def read(arguments):
    """The layers, how many are the encoder's if that is known, a function that runs the model or None, and who made it."""
    path = arguments.model
    if path.suffix in (".keras", ".h5", ".hdf5"):
        import import_keras
        layers, predict, made_by = import_keras.read(path)
        return layers, None, predict, made_by
    import import_torch
    if path.suffix == ".pt2":
        layers, predict, made_by = import_torch.read_program(path)
        return layers, None, predict, made_by
    if not arguments.architecture:
        raise Unsupported(f"{path} has weights but not what they are of: give --architecture, a file of the library's "
                          "weights or a text of `model.architecture()`")
    parts = parse_architecture(read_architecture(arguments.architecture))
    if set(parts) != {"encoder", "decoder"}:
        raise Unsupported(f"{arguments.architecture} has the parts {', '.join(parts)}; expected encoder and decoder")
    layers, made_by = import_torch.read_state(path, parts["encoder"] + parts["decoder"])
    return layers, len(parts["encoder"]), None, made_by


def convert(arguments):
    layers, at, predict, made_by = read(arguments)
    if not layers or layers[0].input != layers[-1].output:
        raise Unsupported("the model is no autoencoder: its input is " +
                          (f"{shape_text(layers[0].input)}, its output {shape_text(layers[-1].output)}" if layers else "all"))
    metadata = {"made_by": f"import_model.py of {arguments.model.name}, {made_by}"}
    if at is None:
        layers = simplify(layers)
        at = split(layers, arguments.split)
    encoder, decoder = layers[:at], layers[at:]
    if not encoder or not decoder:
        raise Unsupported("encoder and decoder need a layer each; tell where to split by --split")
    if predict:
        sample = np.random.default_rng(0).random((1, *layers[0].input), np.float32)
        expected = predict(sample)
        difference = np.max(np.abs(run(layers, sample).ravel() - expected.ravel())) / max(1, np.max(np.abs(expected)))
        print(f"parity with {made_by}: {difference:.1e} of the largest value")
        if not difference <= TOLERANCE:
            raise Unsupported(f"the layers that were read compute something else than the model, by {difference:.1e}")
        metadata |= {"test_input": number_list(sample), "test_output": number_list(expected)}
    arguments.output.mkdir(parents=True, exist_ok=True)
    weights = arguments.output / "model.safetensors"
    write_weights(weights, encoder, decoder, metadata)
    text = header(encoder, decoder, arguments.model.name, weights.name, arguments.name)
    (arguments.output / "model.hpp").write_text(text)
    print(f"{arguments.output / 'model.hpp'}, {weights}: {len(encoder)} layers of the encoder, {len(decoder)} of the decoder")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("."), help="the folder to write to")
    parser.add_argument("--name", default="imported", help="the namespace of the types")
    parser.add_argument("--split", metavar="LAYER", help="the encoder's last layer")
    parser.add_argument("--architecture", type=pathlib.Path, metavar="FILE", help="what a state_dict's weights are of")
    try:
        convert(parser.parse_args())
    except Unsupported as reason:
        sys.exit(f"import_model.py: {reason}")


if __name__ == "__main__":
    main()
