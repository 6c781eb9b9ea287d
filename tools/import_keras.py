"""Keras models as layers of the library."""

import keras
import numpy as np

from eigencoder_model import ACTIVATIONS, DEFAULTS, Unsupported, make

# What does nothing in prediction, and has no counterpart.
IDENTITIES = ("InputLayer", "GaussianNoise", "GaussianDropout", "AlphaDropout", "SpatialDropout2D", "ActivityRegularization")


def activation_of(name, function):
    """(name, parameter) of an activation, a function of Keras's or a layer."""
    config = keras.activations.serialize(function) if not isinstance(function, keras.layers.Layer) else None
    kind = function.__class__.__name__ if config is None or isinstance(config, dict) else config
    if isinstance(function, keras.layers.Layer):
        if kind == "LeakyReLU":
            return "leaky_relu", float(function.negative_slope)
        if kind == "ELU":
            return "elu", float(function.alpha)
        if kind == "ReLU" and not function.threshold:
            if not function.negative_slope and function.max_value in (None, 6):
                return ("relu" if function.max_value is None else "relu6"), None
            if function.max_value is None:
                return "leaky_relu", float(function.negative_slope)
        if kind == "Activation":
            return activation_of(name, function.activation)
    kind = {"swish": "silu"}.get(kind, kind)
    if kind not in ACTIVATIONS:
        raise Unsupported(f"layer {name}: the library has no activation {kind}")
    return kind, DEFAULTS.get(kind)


def shape_of(batch_shape):
    """(height, width, channels) of what follows the batch; an image without channels has one."""
    dims = tuple(batch_shape[1:])
    if None in dims or not 1 <= len(dims) <= 3:
        raise Unsupported(f"a tensor of shape {tuple(batch_shape)}; the library has (n) and (height, width, channels)")
    return ((1, 1) + dims, dims + (1,), dims)[len(dims) - 1]


def affine(layer, shape):
    """A layer that scales and shifts channels, to be folded into a neighbour."""
    if layer.__class__.__name__ == "Rescaling":
        scale, shift = np.float64(layer.scale), np.float64(layer.offset)
    else:
        axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
        rank = 1 if shape[:2] == (1, 1) else 3
        if axis not in (-1, rank):
            raise Unsupported(f"layer {layer.name}: BatchNormalization over axis {axis}, which is not the channels'")
        mean, variance = np.float64(layer.moving_mean), np.float64(layer.moving_variance)
        scale = (np.float64(layer.gamma) if layer.scale else 1) / np.sqrt(variance + layer.epsilon)
        shift = (np.float64(layer.beta) if layer.center else 0) - mean * scale
    full = np.ones(shape[2])
    return make("BatchNormalization", shape, tensors={"scale": scale * full, "shift": shift * full})


def weights_of(layer):
    tensors = {"kernel": np.float64(layer.kernel)}
    return tensors | ({"bias": np.float64(layer.bias)} if layer.use_bias else {})


def convert(layer, shape, batch_shape):
    """The library's layer for one of Keras's; None if it does nothing in prediction."""
    kind = layer.__class__.__name__
    config = layer.get_config()
    if config.get("data_format", "channels_last") != "channels_last":
        raise Unsupported(f"layer {layer.name}: data_format {config['data_format']}; the library has channels last")
    if kind in IDENTITIES:
        return None
    if kind in ("Dense", "Conv2D", "Conv2DTranspose"):
        activation, parameter = activation_of(layer.name, layer.activation)
        common = {"activation": activation, "parameter": parameter, "tensors": weights_of(layer)}
        if kind == "Dense":
            if len(batch_shape) == 2:
                return make("Dense", shape, layer.units, **common)
            if len(batch_shape) != 4:
                raise Unsupported(f"layer {layer.name}: Dense on a tensor of shape {tuple(batch_shape)}")
            common["tensors"]["kernel"] = common["tensors"]["kernel"][None, None]
            return make("Conv2D", shape, layer.units, window=(1, 1), **common)
        if getattr(layer, "groups", 1) != 1:
            raise Unsupported(f"layer {layer.name}: Conv2D with groups {layer.groups}")
        dilation = tuple(layer.dilation_rate)
        if kind == "Conv2DTranspose" and dilation != (1, 1):
            raise Unsupported(f"layer {layer.name}: Conv2DTranspose with dilation {dilation}")
        return make(kind, shape, layer.filters, window=tuple(layer.kernel_size), stride=tuple(layer.strides),
                    dilation=dilation, same=layer.padding == "same",
                    output_padding=config.get("output_padding") and tuple(layer.output_padding), **common)
    if kind in ("MaxPooling2D", "AveragePooling2D"):
        return make(kind.replace("Pooling", "Pool"), shape, window=tuple(layer.pool_size), stride=tuple(layer.strides),
                    same=layer.padding == "same")
    if kind == "GlobalAveragePooling2D":
        return make("GlobalAveragePool2D", shape)
    if kind == "UpSampling2D":
        if layer.interpolation not in ("nearest", "bilinear"):
            raise Unsupported(f"layer {layer.name}: UpSampling2D with interpolation {layer.interpolation}")
        return make(kind, shape, factor=tuple(layer.size), bilinear=layer.interpolation == "bilinear")
    if kind in ("ZeroPadding2D", "Cropping2D"):
        (top, bottom), (left, right) = layer.padding if kind == "ZeroPadding2D" else layer.cropping
        return make(kind, shape, sides=(top, left, bottom, right))
    if kind == "Flatten":
        return make(kind, shape) if shape[:2] != (1, 1) else None
    if kind == "Reshape":
        target = shape_of(layer.compute_output_shape(batch_shape))
        return make(kind, shape, target=target) if target != shape else None
    if kind == "LayerNormalization":
        axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
        if axis not in (-1, len(batch_shape) - 1) or not np.isclose(layer.epsilon, 1e-3):
            raise Unsupported(f"layer {layer.name}: LayerNormalization over axis {layer.axis} with epsilon "
                              f"{layer.epsilon}; the library has the channels and 0.001")
        gamma = np.float64(layer.gamma) if layer.scale else np.ones(shape[2])
        beta = np.float64(layer.beta) if layer.center else np.zeros(shape[2])
        return make(kind, shape, tensors={"gamma": gamma, "beta": beta})
    if kind == "Dropout":
        return make(kind, shape, rate=float(layer.rate))
    if kind in ("BatchNormalization", "Rescaling"):
        return affine(layer, shape)
    if kind in ("Activation", "ReLU", "LeakyReLU", "ELU"):
        activation, parameter = activation_of(layer.name, layer)
        return make("Activation", shape, activation=activation, parameter=parameter) if activation != "linear" else None
    raise Unsupported(f"layer {layer.name}: the library has no {kind}")


def append(layers, model, batch_shape):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            batch_shape = append(layers, layer, batch_shape)
            continue
        converted = convert(layer, shape_of(batch_shape), batch_shape)
        batch_shape = layer.compute_output_shape(batch_shape) if layer.__class__.__name__ != "InputLayer" else batch_shape
        if converted is not None:
            if converted.output != shape_of(batch_shape):
                raise Unsupported(f"layer {layer.name} gives {shape_of(batch_shape)}, the library {converted.output}")
            converted.sources = [layer.name]
            layers.append(converted)
    nested = [layer for layer in model.layers if layer.__class__.__name__ != "InputLayer"]
    if len(nested) == 2 and all(isinstance(layer, keras.Model) for layer in nested):
        count = []
        append(count, nested[0], nested[0].input_shape)
        layers[len(count) - 1].ends_encoder = True
    return batch_shape


def read(path):
    """The layers of a saved model, a function that runs it, and who made it."""
    model = keras.models.load_model(path, compile=False)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise Unsupported(f"the model has {len(model.inputs)} inputs and {len(model.outputs)} outputs; expected one each")
    layers = []
    append(layers, model, tuple(model.input_shape))

    def predict(samples):
        return model.predict(np.float32(samples).reshape(-1, *model.input_shape[1:]), verbose=0)

    return layers, predict, f"keras {keras.__version__}"
