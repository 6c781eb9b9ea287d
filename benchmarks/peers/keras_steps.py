"""Keras on TensorFlow: whole training steps and reconstructions.

Variants: `literal`, the model with its sigmoid, compiled and trained by train_on_batch (reconstructions: predict_on_batch);
then what an expert makes of it, the loss from logits: `train_on_batch`; `function`, the step written out in a tf.function;
`xla`, the same compiled by XLA.
"""

import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import tensorflow as tf
from keras import layers, ops

from protocol import serve

SHAPES = {"dense": (784,), "sparse": (784,), "variational": (784,), "conv": (28, 28, 1), "strided": (28, 28, 1),
          "photo64": (64, 64, 3)}


def dense():
    return [layers.Dense(32, "relu"), layers.Dense(784)]


def conv():
    def convolution(filters, activation="relu", padding="same"):
        return layers.Conv2D(filters, 3, activation=activation, padding=padding)

    def pool():
        return layers.MaxPooling2D(2, padding="same")

    return [convolution(16), pool(), convolution(8), pool(), convolution(8), pool(),
            convolution(8), layers.UpSampling2D(2), convolution(8), layers.UpSampling2D(2),
            convolution(16, padding="valid"), layers.UpSampling2D(2), convolution(1, None)]


def strided():
    return [layers.Conv2D(32, 3, 2, "same", activation="relu"), layers.Conv2D(64, 3, 2, "same", activation="relu"),
            layers.Flatten(), layers.Dense(32), layers.Dense(7 * 7 * 64, "relu"), layers.Reshape((7, 7, 64)),
            layers.Conv2DTranspose(64, 3, 2, "same", activation="relu"),
            layers.Conv2DTranspose(32, 3, 2, "same", activation="relu"), layers.Conv2DTranspose(1, 3, padding="same")]


def photo64():
    def down(filters):
        return layers.Conv2D(filters, 3, 2, "same", activation="relu")

    def up(filters, activation="relu"):
        return layers.Conv2DTranspose(filters, 3, 2, "same", activation=activation)

    return [down(32), down(64), down(128), down(256), layers.Flatten(), layers.Dense(128),
            layers.Dense(4 * 4 * 256, "relu"), layers.Reshape((4, 4, 256)), up(128), up(64), up(32), up(3, None)]


class KlSparsity(keras.regularizers.Regularizer):
    """KL(rho || mean activation); Keras divides an activity penalty by the batch size, which is undone here."""

    def __call__(self, code):
        rho, rho_j = 0.05, ops.mean(code, 0)
        divergence = rho * ops.log(rho / rho_j) + (1 - rho) * ops.log((1 - rho) / (1 - rho_j))
        return 1e-3 * ops.cast(ops.shape(code)[0], code.dtype) * ops.sum(divergence)


def sparse():
    return [layers.Dense(32, "sigmoid", activity_regularizer=KlSparsity()), layers.Dense(784)]


class Sample(layers.Layer):
    """mean + exp(log_variance / 2) noise in training, the mean otherwise; adds the KL term to the loss."""

    def __init__(self):
        super().__init__()
        self.random = keras.random.SeedGenerator(1)

    def call(self, heads, training=False):
        mean, log_variance = ops.split(heads, 2, axis=-1)
        if not training:
            return mean
        divergence = -0.5 * ops.sum(1 + log_variance - ops.square(mean) - ops.exp(log_variance), -1)
        self.add_loss(ops.mean(divergence))
        return mean + ops.exp(0.5 * log_variance) * keras.random.normal(ops.shape(mean), seed=self.random)


def variational():
    return [layers.Dense(400, "relu"), layers.Dense(40), Sample(), layers.Dense(400, "relu"), layers.Dense(784)]


def reconstruction_loss(model, from_logits):
    if model != "variational":
        return keras.losses.BinaryCrossentropy(from_logits=from_logits)
    return lambda target, output: ops.sum(ops.binary_crossentropy(target, output, from_logits=from_logits), -1)


def prepare(what, variant, model, batch, steps):
    keras.utils.set_random_seed(1)
    literal = variant == "literal"
    network = keras.Sequential([keras.Input(SHAPES[model]), *globals()[model]()])
    if literal or what == "infer":
        network.add(layers.Activation("sigmoid"))
    batches = tf.unstack(tf.random.uniform((steps, batch, *SHAPES[model])))
    return (training if what == "train" else inference)(network, variant, model, batches)


def training(network, variant, model, batches):
    loss, optimizer = reconstruction_loss(model, variant != "literal"), keras.optimizers.Adam()
    if variant in ("literal", "train_on_batch"):
        network.compile(optimizer, loss, jit_compile=False)
        return lambda number: network.train_on_batch(batches[number], batches[number])
    variables = network.trainable_variables
    optimizer.build(variables)

    @tf.function(jit_compile=variant == "xla")
    def step(x):
        with tf.GradientTape() as tape:
            value = tf.reduce_mean(loss(x, network(x, training=True)))
            value += tf.add_n(network.losses) if network.losses else 0.0
        optimizer.apply(tape.gradient(value, variables), variables)
        return value

    return lambda number: step(batches[number]).numpy()


def inference(network, variant, model, batches):
    if variant in ("literal", "train_on_batch"):
        return lambda number: network.predict_on_batch(batches[number])
    reconstruct = tf.function(lambda x: network(x, training=False), jit_compile=variant == "xla")
    return lambda number: reconstruct(batches[number]).numpy()


if __name__ == "__main__":
    threads = int(sys.argv[1])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    serve(prepare)
