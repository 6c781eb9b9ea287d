"""Layers of images: each alone, forward and all its gradients, and the convolutional models of the examples."""

import keras
import numpy as np
import tensorflow as tf
import torch

import torch_twin
from cases_dense import SINGLE, large_model
from hashed import hashed_images, hashed_signed, hashed_weights
from reference import EXACT, Twin, agree

layers = keras.layers


def alone(name, layer, shape, stream, exact):
    """y, and for random dy the gradients with respect to x and the weights, of three samples."""
    layer.build((None, *shape))
    variables = {variable.name: variable for variable in layer.trainable_variables}
    for number, variable in enumerate(variables.values()):
        variable.assign(hashed_weights(stream + 2 + number, *variable.shape))
    x = hashed_signed(stream, 3, *shape)
    source = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = layer(source)
    dy = hashed_signed(stream + 1, *y.shape)
    gradients = tape.gradient(y, {"x": source, **variables}, dy)

    weights = {key: torch.tensor(variable.numpy(), requires_grad=True) for key, variable in variables.items()}
    twin_x = torch.tensor(x, requires_grad=True)
    twin_y = torch_twin.layer(layer, weights, twin_x)
    twin_y.backward(torch.tensor(dy))
    agree(f"{name} y", y.numpy(), twin_y.detach().numpy(), exact)
    tensors = {"x": x, "y": twin_y.detach().numpy(), "dy": dy, "dx": twin_x.grad.numpy()}
    tensors |= {key: weight.detach().numpy() for key, weight in weights.items()}
    tensors |= {f"d{key}": weight.grad.numpy() for key, weight in weights.items()}
    for key, gradient in gradients.items():
        agree(f"{name} d{key}", tf.convert_to_tensor(gradient).numpy(), tensors[f"d{key}"], exact)
    return {f"{name}.{key}": value for key, value in tensors.items()}


def table(cases):
    """{name: (layer, input shape)} to the tensors of them all."""
    tensors = {}
    for number, (name, (layer, shape)) in enumerate(cases.items()):
        # TensorFlow resizes to float32 whatever it is given; what is kept is PyTorch's.
        exact = SINGLE if getattr(layer, "interpolation", "") == "bilinear" else EXACT
        tensors |= alone(name, layer, shape, 1000 + 10 * number, exact)
    return tensors


def conv2d():
    same, conv = {"padding": "same"}, layers.Conv2D
    return table({
        "k1": (conv(3, 1), (4, 5, 2)),
        "k2": (conv(2, 2), (5, 4, 3)),
        "k2_same": (conv(2, 2, **same), (5, 4, 3)),
        "k3": (conv(1, 3), (5, 7, 1)),
        "k3_same": (conv(17, 3, **same), (6, 5, 3)),
        "k3_same_many": (conv(4, 3, **same), (4, 4, 9)),
        "k3_same_one": (conv(1, 3, **same), (7, 9, 2)),
        "k4_same": (conv(3, 4, **same), (5, 6, 2)),
        "k5": (conv(2, 5), (7, 6, 2)),
        "k5_same": (conv(2, 5, **same), (3, 5, 3)),
        "k3x5_same": (conv(5, (3, 5), **same), (5, 4, 2)),
        "k1_s2": (conv(2, 1, 2), (5, 6, 3)),
        "k2_s3_same": (conv(3, 2, 3, **same), (7, 8, 2)),
        "k3_s2": (conv(3, 3, 2), (7, 8, 2)),
        "k3_s2_same": (conv(9, 3, 2, **same), (7, 8, 3)),
        "k3_s2_same_one": (conv(4, 3, 2, **same), (8, 8, 1)),
        "k3_s3_same": (conv(2, 3, 3, **same), (7, 5, 2)),
        "k3_s2x1_same": (conv(2, 3, (2, 1), **same), (5, 6, 2)),
        "k4_s2_same": (conv(3, 4, 2, **same), (6, 7, 2)),
        "k5_s2": (conv(2, 5, 2), (8, 9, 2)),
        "k5_s3_same": (conv(3, 5, 3, **same), (8, 7, 2)),
        "k3_d2": (conv(3, 3, dilation_rate=2), (7, 6, 2)),
        "k3_d2_same": (conv(2, 3, dilation_rate=2, **same), (5, 6, 3)),
        "k2_d3_same": (conv(2, 2, dilation_rate=3, **same), (5, 6, 2)),
        "k3_no_bias": (conv(3, 3, use_bias=False), (4, 5, 2)),
    })


def conv2d_transpose():
    same, conv = {"padding": "same"}, layers.Conv2DTranspose
    return table({
        "k1": (conv(3, 1), (3, 4, 2)),
        "k2": (conv(2, 2), (4, 3, 3)),
        "k3": (conv(1, 3), (4, 5, 1)),
        "k3_same": (conv(9, 3, **same), (5, 4, 3)),
        "k3_same_one": (conv(1, 3, **same), (5, 6, 17)),
        "k4_same": (conv(3, 4, **same), (4, 5, 2)),
        "k5_same": (conv(2, 5, **same), (3, 4, 2)),
        "k1_s2": (conv(2, 1, 2), (3, 3, 2)),
        "k2_s2": (conv(3, 2, 2), (3, 4, 2)),
        "k2_s3": (conv(2, 2, 3), (3, 2, 2)),
        "k3_s2": (conv(3, 3, 2), (3, 4, 2)),
        "k3_s2_same": (conv(9, 3, 2, **same), (4, 3, 3)),
        "k3_s2_same_one": (conv(1, 3, 2, **same), (3, 4, 9)),
        "k3_s3_same": (conv(2, 3, 3, **same), (3, 2, 2)),
        "k3_s2x1_same": (conv(2, 3, (2, 1), **same), (3, 4, 2)),
        "k4_s2_same": (conv(4, 4, 2, **same), (3, 4, 3)),
        "k5_s2": (conv(2, 5, 2), (3, 3, 2)),
        "k5_s2_same": (conv(2, 5, 2, **same), (4, 3, 2)),
        "k5_s3_same": (conv(2, 5, 3, **same), (2, 3, 3)),
        "k3x5_s2_same": (conv(2, (3, 5), 2, **same), (3, 4, 2)),
        "k3_s2_p0": (conv(2, 3, 2, output_padding=0), (3, 4, 2)),
        "k3_s2_p1": (conv(2, 3, 2, output_padding=1), (3, 4, 2)),
        "k3_s2_same_p0": (conv(3, 3, 2, output_padding=0, **same), (4, 3, 2)),
        "k3_s2_same_p1": (conv(3, 3, 2, output_padding=1, **same), (4, 3, 2)),
        "k4_s3_same_p2": (conv(2, 4, 3, output_padding=2, **same), (3, 2, 2)),
        "k3_s2_no_bias": (conv(2, 3, 2, use_bias=False, **same), (3, 4, 2)),
    })


def spatial():
    maximum, average, up = layers.MaxPooling2D, layers.AveragePooling2D, layers.UpSampling2D
    return table({
        "max2": (maximum(2), (5, 6, 3)),
        "max2_same": (maximum(2, padding="same"), (5, 7, 3)),
        "max3_s2": (maximum(3, 2), (7, 6, 2)),
        "max3_s2_same": (maximum(3, 2, padding="same"), (7, 6, 2)),
        "max3x2_s1_same": (maximum((3, 2), 1, padding="same"), (4, 5, 2)),
        "average2": (average(2), (5, 6, 3)),
        "average2_same": (average(2, padding="same"), (5, 7, 3)),
        "average3_s2_same": (average(3, 2, padding="same"), (7, 6, 2)),
        "average3_s1": (average(3, 1), (5, 4, 2)),
        "global_average": (layers.GlobalAveragePooling2D(), (3, 5, 4)),
        "nearest2": (up(2), (3, 4, 2)),
        "nearest3x2": (up((3, 2)), (2, 3, 3)),
        "bilinear2": (up(2, interpolation="bilinear"), (3, 4, 2)),
        "bilinear3": (up(3, interpolation="bilinear"), (4, 2, 2)),
        "pad1": (layers.ZeroPadding2D(1), (3, 4, 2)),
        "pad_uneven": (layers.ZeroPadding2D(((0, 2), (1, 3))), (3, 2, 3)),
        "crop1": (layers.Cropping2D(1), (4, 5, 2)),
        "crop_uneven": (layers.Cropping2D(((0, 2), (1, 0))), (5, 4, 3)),
        "normalization": (layers.LayerNormalization(), (3, 2, 7)),
        "normalization_flat": (layers.LayerNormalization(), (11,)),
    })


def conv_model():
    def convolution(filters, activation="relu", padding="same"):
        return layers.Conv2D(filters, 3, activation=activation, padding=padding)

    def pool():
        return layers.MaxPooling2D(2, padding="same")

    twin = Twin(keras.Sequential([keras.Input((28, 28, 1)), convolution(16), pool(), convolution(8), pool(),
                                  convolution(8), pool()]),
                keras.Sequential([keras.Input((4, 4, 8)), convolution(8), layers.UpSampling2D(2),
                                  convolution(8), layers.UpSampling2D(2), convolution(16, padding="valid"),
                                  layers.UpSampling2D(2), convolution(1, "sigmoid")]))
    return large_model("conv model", twin, hashed_images(500, 70, 28, 28, 1), batch_size=20)


def strided_model():
    def convolution(filters):
        return layers.Conv2D(filters, 3, 2, "same", activation="relu")

    def transposed(filters, strides, activation="relu"):
        return layers.Conv2DTranspose(filters, 3, strides, "same", activation=activation)

    twin = Twin(keras.Sequential([keras.Input((28, 28, 1)), convolution(32), convolution(64), layers.Flatten(),
                                  layers.Dense(32)]),
                keras.Sequential([keras.Input((32,)), layers.Dense(7 * 7 * 64, "relu"), layers.Reshape((7, 7, 64)),
                                  transposed(64, 2), transposed(32, 2), transposed(1, 1, "sigmoid")]))
    return large_model("strided model", twin, hashed_images(600, 35, 28, 28, 1), batch_size=10)


CASES = [conv2d, conv2d_transpose, spatial, conv_model, strided_model]
