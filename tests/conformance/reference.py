"""The two references: a Keras model trained step by step in float64, and the same model written out in PyTorch."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
import torch

import torch_twin
from hashed import hashed_weights

keras.config.set_floatx("float64")
torch.set_default_dtype(torch.float64)

EXACT = 1e-11  # what two correct float64 programs agree to over 20 steps
FLOAT = 1e-5  # what the C++ tests ask of float; a case that float32 PyTorch fails is ill-conditioned, hence no test


def relative(got, expected):
    """Largest difference, relative to the tensor's largest magnitude."""
    got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    assert got.shape == expected.shape, (got.shape, expected.shape)
    return np.abs(got - expected).max() / max(np.abs(expected).max(), np.finfo(np.float64).tiny)


def agree(what, got, expected, tolerance=EXACT):
    difference = relative(got, expected)
    if not difference <= tolerance:
        raise AssertionError(f"{what}: the references differ by {difference:.1e} relative, expected {tolerance:.0e}")


class Twin:
    """An autoencoder in Keras whose weights are set by hashed numbers, and its PyTorch twin."""

    def __init__(self, encoder, decoder, stream=1):
        self.parts = {"encoder": encoder, "decoder": decoder}
        self.model = keras.Sequential([*encoder.layers, *decoder.layers])
        self.model.build(encoder.input_shape)
        self.variables = {}
        for part, sequential in self.parts.items():
            for number, layer in enumerate(sequential.layers):
                for variable in layer.trainable_variables:
                    self.variables[f"{part}.{number}.{variable.name}"] = variable
        for number, variable in enumerate(self.variables.values()):
            variable.assign(hashed_weights(stream + number, *variable.shape))
        assert len(self.variables) == len(self.model.trainable_variables)
        self.initial = self.weights()

    def weights(self):
        return {name: variable.numpy().copy() for name, variable in self.variables.items()}

    def reset(self):
        for name, variable in self.variables.items():
            variable.assign(self.initial[name])

    def outputs(self, x):
        return self.model(x).numpy()

    def initial_outputs(self, x):
        """Those of the initial weights, by PyTorch."""
        weights = {name: torch.tensor(value) for name, value in self.initial.items()}
        return torch_twin.forward(self.parts, weights, torch.tensor(x)).numpy()


def batches(samples, batch_size, steps):
    """First and last sample of each step: the set in order, epoch after epoch, the last batch of an epoch partial."""
    first = 0
    for _ in range(steps):
        last = min(first + batch_size, samples)
        yield first, last
        first = 0 if last == samples else last


def exact_hyperparameters(optimizer):
    """Keras casts Python numbers to float64 by way of float32 (0.9 becomes 0.89999998), but not NumPy's."""
    for name, value in vars(optimizer).items():
        if type(value) is float:
            setattr(optimizer, name, np.float64(value))


def train_keras(twin, x, target, loss, optimizer, batch_size, steps, penalty=None):
    """Loss of each step; `penalty(twin, x)`, if any, is added to it. The twin keeps the trained weights."""
    twin.reset()
    variables = list(twin.variables.values())
    exact_hyperparameters(optimizer)
    optimizer.build(variables)

    @tf.function(reduce_retracing=True)
    def step(x, target):
        with tf.GradientTape() as tape:
            value = loss(target, twin.model(x, training=True))
            value += tf.add_n(twin.model.losses) if twin.model.losses else 0.0
            value += penalty(twin, x) if penalty else 0.0
        # Dense: of a gather's sparse gradients Keras's optimisers update only the rows that were gathered.
        optimizer.apply([tf.convert_to_tensor(gradient) for gradient in tape.gradient(value, variables)])
        return value

    return np.array([step(tf.constant(x[a:b]), tf.constant(target[a:b])).numpy()
                     for a, b in batches(len(x), batch_size, steps)])


def train_torch(twin, x, target, loss, optimizer, batch_size, steps, penalty=None, dtype=torch.float64):
    """The same in PyTorch from the same initial weights: losses, final weights and final outputs for all of `x`."""
    weights = {name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in twin.initial.items()}
    x, target = torch.tensor(x, dtype=dtype), torch.tensor(target, dtype=dtype)
    update = torch_twin.optimizer(optimizer, list(weights.values()))
    losses = []
    for a, b in batches(len(x), batch_size, steps):
        value = torch_twin.loss(loss)(torch_twin.forward(twin.parts, weights, x[a:b]), target[a:b])
        value = value + torch_twin.regularisation(twin.parts, weights)
        if penalty:
            value = value + penalty(twin, weights, x[a:b])
        for weight in weights.values():
            weight.grad = None
        value.backward()
        update()
        losses.append(value.item())
    with torch.no_grad():
        outputs = torch_twin.forward(twin.parts, weights, x).double().numpy()
    return np.array(losses), {name: w.detach().double().numpy() for name, w in weights.items()}, outputs


def trained(what, twin, x, target, loss, optimizer, batch_size, steps, keras_penalty=None, torch_penalty=None,
            exact=EXACT, in_float=True):
    """Train both references, compare them to `exact`, and return PyTorch's loss of each step, outputs and weights.

    `in_float`: PyTorch must get the same in float32, too, to what the C++ tests ask of float.
    """
    config = optimizer.get_config()
    losses, weights, outputs = train_torch(twin, x, target, loss, optimizer, batch_size, steps, torch_penalty)

    def compare(who, tolerance, other_losses, other_weights, other_outputs):
        agree(f"{what}: losses of {who}", other_losses, losses, tolerance)
        agree(f"{what}: outputs of {who}", other_outputs, outputs, tolerance)
        for name, value in weights.items():
            agree(f"{what}: {name} of {who}", other_weights[name], value, tolerance)

    if in_float:
        single = train_torch(twin, x, target, loss, optimizer, batch_size, steps, torch_penalty, torch.float32)
        compare("float32", FLOAT / 3, *single)
    keras_losses = train_keras(twin, x, target, loss, type(optimizer).from_config(config), batch_size, steps,
                               keras_penalty)
    compare("Keras", exact, keras_losses, twin.weights(), twin.outputs(x))
    moved = {name: relative(twin.initial[name], value) for name, value in weights.items()}
    assert min(moved.values()) > 10 * FLOAT, f"{what}: the weights hardly move, so the case proves little: {moved}"
    return losses, outputs, weights
