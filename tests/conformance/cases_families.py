"""The other optimisers, losses, schedules and penalties; sparse, denoising and variational autoencoders."""

import math

import keras
import numpy as np
import tensorflow as tf
import torch
from torch.optim import lr_scheduler

import torch_twin
from cases_dense import BATCH, KEPT, SAMPLES, STEPS, loss_gradients, small_autoencoder, trainings
from hashed import hashed, hashed_signed, hashed_weights
from philox import latent_noise
from reference import EXACT, FLOAT, Twin, agree, batches, exact_hyperparameters, relative, trained

layers, losses, optimizers = keras.layers, keras.losses, keras.optimizers
schedules = optimizers.schedules


def more_optimizers():
    bce = losses.BinaryCrossentropy()
    return trainings({
        "adamw": (bce, optimizers.AdamW(1e-2, weight_decay=0.1)),
        "rmsprop": (bce, optimizers.RMSprop(2e-3)),
        "rmsprop_momentum": (bce, optimizers.RMSprop(2e-3, rho=0.8, momentum=0.5)),
        "adagrad": (bce, optimizers.Adagrad(0.1, initial_accumulator_value=0.01)),
        "adamax": (bce, optimizers.Adamax(1e-2)),
        "nadam": (bce, optimizers.Nadam(1e-2)),
    })


def more_losses():
    """Huber and log-cosh: their values and gradients, and in training."""
    target, output = (3 * hashed_signed(stream, 19, 7) for stream in (202, 203))
    target, output = (a.astype(np.float32).astype(np.float64) for a in (target, output))
    tensors = {"target": target, "prediction": output}
    for name, loss in [("huber", losses.Huber()), ("huber_tenth", losses.Huber(0.125)), ("log_cosh", losses.LogCosh())]:
        tensors |= loss_gradients(name, loss, target, output)
    return tensors | trainings({
        "train_huber": (losses.Huber(0.125), optimizers.Adam(1e-2)),
        "train_log_cosh": (losses.LogCosh(), optimizers.Adam(1e-2)),
    })


def rate_schedules():
    """Each schedule's rate at iterations 0 ... 29: PyTorch's, and Keras's where it has the schedule."""
    def rates_of(scheduler_of):
        sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)
        scheduler, rates = scheduler_of(sgd), []
        for _ in range(30):
            rates.append(sgd.param_groups[0]["lr"])
            sgd.step()
            scheduler.step()
        return np.array(rates)

    def factor(function):
        return lambda sgd: lr_scheduler.LambdaLR(sgd, function)

    def cosine(done, alpha):
        return alpha + (1 - alpha) * (1 + math.cos(math.pi * min(done, 1))) / 2

    tensors = {"one_cycle": rates_of(lambda sgd: lr_scheduler.OneCycleLR(sgd, 0.1, total_steps=31, cycle_momentum=False))}
    for name, schedule, twin in [
            ("exponential", schedules.ExponentialDecay(0.1, 8, 0.5), factor(lambda i: 0.5 ** (i / 8))),
            ("staircase", schedules.ExponentialDecay(0.1, 8, 0.5, staircase=True),
             lambda sgd: lr_scheduler.StepLR(sgd, 8, 0.5)),
            ("piecewise", schedules.PiecewiseConstantDecay([5, 12], [0.1, 0.05, 0.0125]),
             factor(lambda i: 1 if i <= 5 else 0.5 if i <= 12 else 0.125)),
            ("cosine", schedules.CosineDecay(0.1, 20, alpha=0.25), factor(lambda i: cosine(i / 20, 0.25))),
            ("warm_up", schedules.CosineDecay(0.0, 20, alpha=0.125, warmup_target=0.1, warmup_steps=6),
             factor(lambda i: i / 6 if i < 6 else cosine((i - 6) / 20, 0.125)))]:
        tensors[name] = rates_of(twin)
        agree(f"schedule {name}", [float(schedule(i)) for i in range(30)], tensors[name], 1e-6)  # Keras counts in float32
    return tensors


def weight_penalties():
    """L1 and L2 penalties on the kernels, as Keras's kernel_regularizer has them."""
    def dense(units, activation, **penalty):
        return layers.Dense(units, activation, kernel_regularizer=keras.regularizers.L1L2(**penalty))

    def twin(case):
        penalty = {"l1": dict(l1=2.0**-9), "l2": dict(l2=2.0**-8), "l1_l2": dict(l1=2.0**-10, l2=2.0**-9)}[case]
        return Twin(keras.Sequential([keras.Input((11,)), dense(13, "relu", **penalty), dense(5, "tanh", **penalty)]),
                    keras.Sequential([keras.Input((5,)), dense(13, "elu", **penalty), dense(11, "sigmoid", **penalty)]))

    mse = losses.MeanSquaredError()
    return trainings({case: (mse, optimizers.SGD(0.5, momentum=0.5)) for case in ("l1", "l2", "l1_l2")}, twin)


def sparse():
    """KL(rho || mean activation of the batch) and the L1 norm of the code, each with a weight, added to the loss."""
    rho, weight = 0.1, 0.25

    def keras_kl(twin, x):
        mean = tf.reduce_mean(twin.parts["encoder"](x), 0)
        return weight * tf.reduce_sum(keras.losses.KLDivergence(reduction=None)(
            tf.stack([tf.fill(mean.shape, tf.constant(rho, tf.float64)),
                      tf.fill(mean.shape, tf.constant(1 - rho, tf.float64))], -1), tf.stack([mean, 1 - mean], -1)))

    def torch_kl(twin, weights, x):
        mean = torch_twin.run("encoder", twin.parts["encoder"], weights, x).mean(0)
        return weight * (rho * torch.log(rho / mean) + (1 - rho) * torch.log((1 - rho) / (1 - mean))).sum()

    def keras_l1(twin, x):
        return tf.constant(0.125, tf.float64) * tf.reduce_mean(tf.reduce_sum(tf.abs(twin.parts["encoder"](x)), 1))

    def torch_l1(twin, weights, x):
        return 0.125 * torch_twin.run("encoder", twin.parts["encoder"], weights, x).abs().sum(1).mean()

    bce = losses.BinaryCrossentropy()
    kl = trainings({"kl": (bce, optimizers.Adam(1e-2))}, lambda case: small_autoencoder("relu", "sigmoid", "elu"),
                   penalties=(keras_kl, torch_kl))
    return kl | trainings({"l1": (bce, optimizers.Adam(1e-2))}, penalties=(keras_l1, torch_l1))


def denoising():
    """Inputs with noise, the same in each epoch, and clean targets."""
    x, noise = hashed(100, SAMPLES, 11), hashed_signed(101, SAMPLES, 11) / 2
    twin = small_autoencoder()
    loss, output, weights = trained("denoising", twin, x + noise, x, losses.MeanSquaredError(), optimizers.Adam(1e-2),
                                    BATCH, STEPS)
    return ({"input": x, "noise": noise, "adam.loss": loss, "adam.output": output[:KEPT]} |
            {f"initial.{name}": value for name, value in twin.initial.items()} |
            {f"adam.{name}": value for name, value in weights.items()})


def variational():
    """A small variational autoencoder, 13 - 9 - 6 - 9 - 13, with the noise that the library draws for seed 7."""
    shapes = {"encoder.0.kernel": (13, 9), "encoder.0.bias": (9,), "latent.mean.kernel": (9, 6), "latent.mean.bias": (6,),
              "latent.log_variance.kernel": (9, 6), "latent.log_variance.bias": (6,), "decoder.0.kernel": (6, 9),
              "decoder.0.bias": (9,), "decoder.1.kernel": (9, 13), "decoder.1.bias": (13,)}
    initial = {name: hashed_weights(1 + number, *shape) for number, (name, shape) in enumerate(shapes.items())}
    x = hashed(700, SAMPLES, 13)
    tensors = {"input": x} | {f"initial.{name}": value for name, value in initial.items()}
    steps_an_epoch = math.ceil(SAMPLES / BATCH)
    noises = [latent_noise(seed=7, epoch=epoch, layer=1, samples=SAMPLES, units=6)
              for epoch in range(math.ceil(STEPS / steps_an_epoch))]

    def bound_torch(w, x, noise, bce):
        hidden = torch.relu(x @ w["encoder.0.kernel"] + w["encoder.0.bias"])
        mean = hidden @ w["latent.mean.kernel"] + w["latent.mean.bias"]
        log_variance = hidden @ w["latent.log_variance.kernel"] + w["latent.log_variance.bias"]
        code = mean + torch.exp(log_variance / 2) * noise
        y = torch.relu(code @ w["decoder.0.kernel"] + w["decoder.0.bias"]) @ w["decoder.1.kernel"] + w["decoder.1.bias"]
        cross_entropy = torch.nn.functional.binary_cross_entropy_with_logits
        error = cross_entropy(y, x, reduction="sum") if bce else (torch.sigmoid(y) - x).square().sum()
        kl = torch.distributions.kl_divergence(torch.distributions.Normal(mean, torch.exp(log_variance / 2)),
                                               torch.distributions.Normal(0.0, 1.0)).sum()
        return error / len(x), kl / len(x)

    def bound_keras(w, x, noise, bce):
        hidden = tf.nn.relu(x @ w["encoder.0.kernel"] + w["encoder.0.bias"])
        mean = hidden @ w["latent.mean.kernel"] + w["latent.mean.bias"]
        log_variance = hidden @ w["latent.log_variance.kernel"] + w["latent.log_variance.bias"]
        code = mean + tf.exp(log_variance / 2) * noise
        y = tf.nn.relu(code @ w["decoder.0.kernel"] + w["decoder.0.bias"]) @ w["decoder.1.kernel"] + w["decoder.1.bias"]
        error = (keras.losses.binary_crossentropy(x, y, from_logits=True) * 13 if bce
                 else tf.reduce_sum(tf.square(tf.sigmoid(y) - x), 1))
        kl = -0.5 * tf.reduce_sum(1 + log_variance - tf.square(mean) - tf.exp(log_variance), 1)
        return tf.reduce_mean(error), tf.reduce_mean(kl)

    for case, beta, bce in [("bce", 1.0, True), ("mse_beta", 0.25, False)]:
        def train_torch(dtype):
            w = {name: torch.tensor(value, dtype=dtype, requires_grad=True) for name, value in initial.items()}
            update = torch_twin.optimizer(optimizers.Adam(1e-2), list(w.values()))
            record = []
            for step, (a, b) in enumerate(batches(SAMPLES, BATCH, STEPS)):
                noise = noises[step // steps_an_epoch][a:b]
                error, kl = bound_torch(w, torch.tensor(x[a:b], dtype=dtype), torch.tensor(noise, dtype=dtype), bce)
                for weight in w.values():
                    weight.grad = None
                (error + beta * kl).backward()
                update()
                record.append([(error + beta * kl).item(), error.item(), kl.item()])
            return np.array(record), {name: weight.detach().double().numpy() for name, weight in w.items()}

        w = {name: tf.Variable(value) for name, value in initial.items()}
        optimizer = optimizers.Adam(1e-2)
        exact_hyperparameters(optimizer)
        optimizer.build(list(w.values()))
        keras_record = []
        for step, (a, b) in enumerate(batches(SAMPLES, BATCH, STEPS)):
            with tf.GradientTape() as tape:
                error, kl = bound_keras(w, x[a:b], noises[step // steps_an_epoch][a:b], bce)
                loss = error + beta * kl
            optimizer.apply(tape.gradient(loss, list(w.values())))
            keras_record.append([loss.numpy(), error.numpy(), kl.numpy()])
        record, weights = train_torch(torch.float64)
        agree(f"variational {case} Keras", keras_record, record)
        float_record, float_weights = train_torch(torch.float32)
        agree(f"variational {case} float", float_record, record, FLOAT / 3)
        for name, value in weights.items():
            agree(f"variational {case} {name} Keras", w[name].numpy(), value)
            agree(f"variational {case} {name} float", float_weights[name], value, FLOAT / 3)
            assert relative(initial[name], value) > 100 * FLOAT
        tensors |= {f"{case}.loss": record[:, 0], f"{case}.reconstruction": record[:, 1], f"{case}.kl": record[:, 2]}
        tensors |= {f"{case}.{name}": value for name, value in weights.items()}
    return tensors


CASES = [more_optimizers, more_losses, rate_schedules, weight_penalties, sparse, denoising, variational]
