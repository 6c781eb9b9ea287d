"""Dense autoencoders: optimisers, clipping, losses, activations, and the 784-32-784 model."""

import keras
import numpy as np
import tensorflow as tf
import torch

import torch_twin
from hashed import hashed, hashed_images, hashed_signed
from reference import EXACT, Twin, agree, trained

layers, losses, optimizers = keras.layers, keras.losses, keras.optimizers

SAMPLES, BATCH, STEPS = 140, 40, 20  # an epoch is 40 + 40 + 40 + 20 samples: four steps
SAMPLE_STRIDE = 97  # of a large tensor's elements, those whose flat index is a multiple of this are kept


# Even in float64 some constants are float32 in TensorFlow (leaky_relu's 0.2, gelu's root of 2) and Keras (Nadam's 0.96,
# log-cosh's log 2). What is kept are always PyTorch's numbers.
KERAS_IS_SINGLE, SINGLE = ("leaky_relu", "gelu", "nadam", "log_cosh", "train_log_cosh"), 4e-7
KEPT = 20  # rows of the output that are kept


def small_autoencoder(first="relu", code="tanh", third="elu"):
    return Twin(
        keras.Sequential([keras.Input((11,)), layers.Dense(13, first), layers.Dense(5, code)]),
        keras.Sequential([keras.Input((5,)), layers.Dense(13, third), layers.Dense(11, "sigmoid")]))


def trainings(cases, twin_of=lambda case: small_autoencoder(), penalties=(None, None)):
    """The small autoencoder trained by each {case: (loss, optimizer)}; all start from the same weights.

    `penalties` are what Keras and PyTorch add to the loss.
    """
    x = hashed(100, SAMPLES, 11)
    tensors = {"input": x} | {f"initial.{name}": value for name, value in small_autoencoder().initial.items()}
    for case, (loss, optimizer) in cases.items():
        twin = twin_of(case)
        tensors[f"{case}.initial_output"] = twin.initial_outputs(x)[:KEPT]
        exact = SINGLE if case in KERAS_IS_SINGLE else EXACT
        loss_of_step, output, weights = trained(case, twin, x, x, loss, optimizer, BATCH, STEPS, *penalties, exact=exact)
        tensors |= {f"{case}.loss": loss_of_step, f"{case}.output": output[:KEPT]}
        tensors |= {f"{case}.{name}": value for name, value in weights.items()}
    return tensors


def dense_optimizers():
    bce = losses.BinaryCrossentropy()
    return trainings({
        "sgd": (bce, optimizers.SGD(0.5)),
        "sgd_momentum": (bce, optimizers.SGD(0.5, momentum=0.9)),
        "sgd_nesterov": (bce, optimizers.SGD(0.5, momentum=0.9, nesterov=True)),
        "adam": (bce, optimizers.Adam(1e-2)),
        "adam_betas": (bce, optimizers.Adam(1e-2, beta_1=0.8, beta_2=0.95, epsilon=1e-3)),
    })


def dense_clipping():
    """Thresholds that the gradients of some tensors, elements or steps exceed and of others do not."""
    mse = losses.MeanSquaredError()
    return trainings({
        "clipnorm": (mse, optimizers.SGD(2.0, clipnorm=0.006)),
        "clipvalue": (mse, optimizers.SGD(2.0, clipvalue=0.001)),
        "global_clipnorm": (mse, optimizers.SGD(2.0, momentum=0.5, global_clipnorm=0.018)),
        "adam_clipvalue": (mse, optimizers.Adam(1e-2, clipvalue=0.001)),
    })


def dense_losses():
    return trainings({
        "mse": (losses.MeanSquaredError(), optimizers.Adam(1e-2)),
        "mae": (losses.MeanAbsoluteError(), optimizers.Adam(1e-2)),
        "bce": (losses.BinaryCrossentropy(), optimizers.SGD(1.0)),
    })


def dense_activations():
    """Every activation where training differentiates it: after three of the four layers."""
    mse = losses.MeanSquaredError()
    return trainings({name: (mse, optimizers.SGD(2.0, momentum=0.9)) for name in torch_twin.ACTIVATIONS},
                     lambda name: small_autoencoder(name, name, name))


def loss_gradients(name, loss, target, output):
    """{name}.loss and {name}.gradient, that with respect to the output."""
    variable = tf.Variable(output)
    with tf.GradientTape() as tape:
        value = loss(target, variable)
    gradient = tape.gradient(value, variable).numpy()
    twin = torch.tensor(output, requires_grad=True)
    twin_value = torch_twin.loss(loss)(twin, torch.tensor(target))
    twin_value.backward()
    exact = SINGLE if name in KERAS_IS_SINGLE else EXACT
    agree(f"{name} value", [value.numpy()], [twin_value.item()], exact)
    agree(f"{name} gradient", gradient, twin.grad.numpy(), exact)
    return {f"{name}.loss": np.array([twin_value.item()]), f"{name}.gradient": twin.grad.numpy()}


def loss_values():
    """Each loss and its gradient: on outputs (`<loss>.gradient`), and for `bce_logits` and `cce_logits` on the logits."""
    samples, features = 19, 7
    target, output = hashed(200, samples, features), 0.02 + 0.96 * hashed(201, samples, features)
    signed_target, signed_output = 3 * hashed_signed(202, samples, features), 3 * hashed_signed(203, samples, features)
    logits = 8 * hashed_signed(204, samples, features)
    logits.flat[:6] = [40, -40, 90, -90, 700, -700]  # where the sigmoid is 0 or 1 in float, or in double
    target.flat[[0, 3, 10]] = 0  # black and white pixels among the grey ones
    target.flat[[1, 2, 11]] = 1
    output, signed_target, signed_output = (a.astype(np.float32).astype(np.float64)
                                            for a in (output, signed_target, signed_output))
    classes = np.exp(4 * target)  # as probabilities, the last seven samples certain
    classes /= classes.sum(axis=1, keepdims=True)
    classes[-features:] = np.eye(features)
    tensors = {"target": target, "output": output, "logits": logits, "classes": classes,
               "signed_target": signed_target, "signed_output": signed_output}
    for name, loss, t, y in [
            ("mse", losses.MeanSquaredError(), signed_target, signed_output),
            ("mae", losses.MeanAbsoluteError(), signed_target, signed_output),
            ("bce", losses.BinaryCrossentropy(), target, output),
            ("bce_logits", losses.BinaryCrossentropy(from_logits=True), target, logits),
            ("cce_logits", losses.CategoricalCrossentropy(from_logits=True), classes, logits)]:
        tensors |= loss_gradients(name, loss, t, y)
    return tensors


def activations():
    """y = f(x) and dx = f'(x) dy for every activation, from deep saturation to next to zero; no x is on a kink."""
    x = 8 * hashed_signed(300, 19, 6)
    x.flat[:12] = [-60, 60, -20, 20, -2.0**-10, 2.0**-10, -2.75, 2.75, -3.25, 3.25, -1, 1]
    dy = hashed_signed(301, 19, 6)
    tensors = {"x": x, "dy": dy}
    for name, twin_function in torch_twin.ACTIVATIONS.items():
        variable = tf.Variable(x)
        with tf.GradientTape() as tape:
            y = getattr(keras.activations, name)(variable)
        dx = tape.gradient(y, variable, dy)
        twin = torch.tensor(x, requires_grad=True)
        twin_y = twin_function(twin)
        twin_y.backward(torch.tensor(dy))
        tolerance = SINGLE if name in KERAS_IS_SINGLE else EXACT
        agree(f"{name} forward", y.numpy(), twin_y.detach().numpy(), tolerance)
        agree(f"{name} gradient", tf.convert_to_tensor(dx).numpy(), twin.grad.numpy(), tolerance)
        tensors |= {f"{name}.y": twin_y.detach().numpy(), f"{name}.dx": twin.grad.numpy()}
    return tensors


def dense_model():
    """784-32-784."""
    twin = Twin(keras.Sequential([keras.Input((784,)), layers.Dense(32, "relu")]),
                keras.Sequential([keras.Input((32,)), layers.Dense(784, "sigmoid")]))
    return large_model("dense model", twin, hashed_images(400, 350, 784), batch_size=100)


def large_model(what, twin, x, batch_size):
    """Of hashed weights and inputs; what is kept are losses, three outputs and a sample of the weights. Twice:

    "adam" has the default epsilon, by which Adam makes the sign of the smallest gradient a step of full size: one relu
    of two million that rounding puts to the other side of zero shows in the third digit of some weight. So "steady"
    has a larger one, and can be followed in float.
    """
    tensors = {}
    for case, epsilon in [("adam", 1e-7), ("steady", 1e-4)]:
        loss_of_step, output, weights = trained(f"{what}, {case}", twin, x, x, losses.BinaryCrossentropy(),
                                                optimizers.Adam(1e-3, epsilon=epsilon), batch_size, STEPS,
                                                in_float=case == "steady")
        tensors |= {f"{case}.loss": loss_of_step, f"{case}.output": output[:3].reshape(3, -1)}
        tensors |= {f"{case}.{name}": value.ravel()[::SAMPLE_STRIDE] for name, value in weights.items()}
    return tensors


CASES = [activations, loss_values, dense_activations, dense_optimizers, dense_clipping, dense_losses, dense_model]
