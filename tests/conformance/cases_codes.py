"""Losses with weights and missing values, and autoencoders with other codes: contractive, k-sparse, quantised."""

import keras
import numpy as np
import tensorflow as tf
import torch

import torch_twin
from cases_dense import BATCH, KEPT, SAMPLES, STEPS
from hashed import hashed
from reference import Twin, trained

layers, losses, optimizers = keras.layers, keras.losses, keras.optimizers


class TopK(layers.Layer):
    """Keeps the k largest values of each sample."""

    def __init__(self, k):
        super().__init__()
        self.k = k

    def call(self, x):
        return tf.where(x >= tf.math.top_k(x, self.k).values[:, -1:], x, tf.zeros_like(x))

    def twin(self, weights, x):
        return torch.where(x >= x.topk(self.k).values[:, -1:], x, torch.zeros_like(x))


class VectorQuantizer(layers.Layer):
    """The nearest of the codebook's vectors for each cell; gradients pass straight through."""

    def __init__(self, codes, commitment):
        super().__init__()
        self.codes, self.commitment = codes, commitment

    def build(self, shape):
        self.codebook = self.add_weight((self.codes, shape[-1]), name="codebook")

    def call(self, x):
        distances = tf.reduce_sum(tf.square(x[..., None, :] - self.codebook), -1)
        nearest = tf.gather(self.codebook, tf.argmin(distances, -1))
        self.add_loss(tf.reduce_mean(tf.square(tf.stop_gradient(x) - nearest)) +
                      tf.constant(self.commitment, x.dtype) * tf.reduce_mean(tf.square(x - tf.stop_gradient(nearest))))
        return x + tf.stop_gradient(nearest - x)

    def nearest(self, weights, x):
        return weights["codebook"][(x[..., None, :] - weights["codebook"]).square().sum(-1).argmin(-1)]

    def twin(self, weights, x):
        return x + (self.nearest(weights, x) - x).detach()


class BothLosses:
    """A loss written for Keras and for PyTorch, as functions of (target, output)."""

    def __init__(self, keras_loss, torch_loss):
        self.keras, self.torch = keras_loss, lambda output, target: torch_loss(target, output)

    def __call__(self, target, output):
        return self.keras(target, output)


def case(name, twin, x, target, loss, optimizer, penalties=(None, None)):
    loss_of_step, output, weights = trained(name, twin, x, target, loss, optimizer, BATCH, STEPS, *penalties)
    return ({f"{name}.loss": loss_of_step, f"{name}.output": output[:KEPT]} |
            {f"{name}.initial.{key}": value for key, value in twin.initial.items()} |
            {f"{name}.final.{key}": value for key, value in weights.items()})


def autoencoder(*encoder):
    units = keras.Sequential([keras.Input((11,)), *encoder]).output_shape[-1]
    return Twin(keras.Sequential([keras.Input((11,)), *encoder]),
                keras.Sequential([keras.Input((units,)), layers.Dense(11, "sigmoid")]))


def weighted_losses():
    """Squared errors with a weight for each feature, and with missing targets, for which the model sees 0."""
    x, weights = hashed(100, SAMPLES, 11), 2 * hashed(102, 11)
    holes = np.where(hashed(103, SAMPLES, 11) < 0.125, np.nan, x)

    def missing_keras(target, output):
        return tf.reduce_mean(tf.square(output - tf.where(tf.math.is_nan(target), output, target)))

    def missing_torch(target, output):
        return (output - torch.where(target.isnan(), output, target)).square().mean()

    weighted = BothLosses(
        lambda target, output: tf.reduce_mean(tf.constant(weights) * tf.square(output - target)),
        lambda target, output: (torch.tensor(weights, dtype=output.dtype) * (output - target).square()).mean())
    tensors = {"input": x, "weights": weights, "holes": holes}
    tensors |= case("weighted", autoencoder(layers.Dense(5, "tanh")), x, x, weighted, optimizers.Adam(1e-2))
    return tensors | case("missing", autoencoder(layers.Dense(5, "tanh")), np.nan_to_num(holes), holes,
                          BothLosses(missing_keras, missing_torch), optimizers.Adam(1e-2))


def codes():
    """The contractive penalty is computed from the Jacobian, not from its closed form."""
    x, mse, weight = hashed(100, SAMPLES, 11), losses.MeanSquaredError(), 0.125

    def contraction_keras(twin, x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            code = twin.parts["encoder"](x)
        jacobian = tape.batch_jacobian(code, x)
        return tf.constant(weight, tf.float64) * tf.reduce_mean(tf.reduce_sum(tf.square(jacobian), (1, 2)))

    def contraction_torch(twin, weights, x):
        encode = lambda sample: torch_twin.run("encoder", twin.parts["encoder"], weights, sample[None])[0]
        return weight * torch.func.vmap(torch.func.jacrev(encode))(x).square().sum((1, 2)).mean()

    def quantisation_torch(twin, weights, x):
        *before, quantizer = twin.parts["encoder"].layers
        for number, layer in enumerate(before):
            own = {"kernel": weights.get(f"encoder.{number}.kernel"), "bias": weights.get(f"encoder.{number}.bias")}
            x = torch_twin.layer(layer, own, x)
        nearest = quantizer.nearest({"codebook": weights[f"encoder.{len(before)}.codebook"]}, x)
        return ((x.detach() - nearest).square().mean() +
                quantizer.commitment * (x - nearest.detach()).square().mean())

    quantised = Twin(
        keras.Sequential([keras.Input((11,)), layers.Dense(12, "tanh"), layers.Reshape((2, 2, 3)), VectorQuantizer(7, 0.5)]),
        keras.Sequential([keras.Input((2, 2, 3)), layers.Flatten(), layers.Dense(11, "sigmoid")]))
    tensors = {"input": x}
    tensors |= case("contractive", autoencoder(layers.Dense(6, "sigmoid")), x, x, mse, optimizers.Adam(1e-2),
                    (contraction_keras, contraction_torch))
    tensors |= case("contractive_tanh", autoencoder(layers.Dense(6, "tanh")), x, x, mse, optimizers.SGD(0.5),
                    (contraction_keras, contraction_torch))
    tensors |= case("top_k", autoencoder(layers.Dense(9), TopK(3)), x, x, mse, optimizers.Adam(1e-2))
    return tensors | case("quantised", quantised, x, x, mse, optimizers.Adam(1e-2), (None, quantisation_torch))


CASES = [weighted_losses, codes]
