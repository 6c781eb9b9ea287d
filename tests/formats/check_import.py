#!/usr/bin/env python3
"""Check tools/import_model.py and tools/export_weights.py with the real Keras and PyTorch: `check_import.py FOLDER WEIGHTS`.

Each model of a table is saved by its framework and imported; the types that were written are compiled together, and each model's
test vector, the framework's own output, must come out of the library to 1e-5. The weights then go back: to a Keras model and to
PyTorch modules, which must give the same, and so must those of the library's own models in the folder WEIGHTS. What one has no
layer for must be refused by its name.
"""

import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = pathlib.Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import keras
import numpy as np
import torch
from safetensors import safe_open
from torch import nn

import export_weights

layers = keras.layers
TOLERANCE = 1e-5
# What has no counterpart there, and what the refusal says.
WITHOUT_TWIN = {
    ("activations", "PyTorch"): "no module for exponential",
    ("odd", "PyTorch"): "no pool with padding that differs by side", ("pools", "PyTorch"): "no pool with padding",
    ("borders", "PyTorch"): "no module for LayerNormalization", ("one_cell", "PyTorch"): "no module for TopK",
    ("one_cell", "Keras"): "no TopK", ("quantized", "Keras"): "no VectorQuantizer",
    ("quantized", "PyTorch"): "no module for VectorQuantizer", ("conditional", "Keras"): "no ConcatenateLabel",
    ("conditional", "PyTorch"): "no module for ConcatenateLabel",
}


def randomized(model):
    """With weights that are all random, biases and batch normalisations' statistics, too."""
    random = np.random.default_rng(1)
    for weight in model.weights:
        noise = random.normal(0, 0.2, weight.shape)
        weight.assign(weight + np.abs(noise) if "variance" in weight.path else weight + noise)
    return model


def keras_models():
    conv, pool, up = layers.Conv2D, layers.MaxPooling2D, layers.UpSampling2D

    def sequential(shape, *stack):
        return keras.Sequential([keras.Input(shape), *stack])

    def normalized(*stack):
        return [entry for layer in stack for entry in (layer, layers.BatchNormalization(), layers.Activation("relu"))]

    nested = keras.Sequential([
        sequential((12, 12, 1), conv(4, 3, 2, "same", activation="relu"), conv(6, 3, 2, "same", activation="relu"),
                   layers.Flatten(), layers.Dense(5)),
        sequential((5,), layers.Dense(54, "relu"), layers.Reshape((3, 3, 6)),
                   layers.Conv2DTranspose(4, 3, 2, "same", activation="relu"),
                   layers.Conv2DTranspose(1, 3, 2, "same", activation="sigmoid"))])
    return {
        "dense": sequential((9,), layers.Dense(7, "relu"), layers.Dense(3, "tanh"), layers.Dense(7, "elu"), layers.Dense(9)),
        "tutorial": sequential((14, 14, 1), conv(6, 3, activation="relu", padding="same"), pool(2, padding="same"),
                               conv(4, 3, activation="relu", padding="same"), pool(2, padding="same"),
                               conv(4, 3, activation="relu", padding="same"), up(2), conv(6, 3, activation="relu"),
                               up(2), conv(1, 5, activation="sigmoid", padding="same"), layers.Cropping2D(0),
                               layers.ZeroPadding2D(1), layers.Conv2D(1, 1)),
        "nested": nested,
        "batch_normalised": sequential((8,), *normalized(layers.Dense(6, use_bias=False), layers.Dense(3), layers.Dense(6)),
                                       layers.Dense(8)),
        "batch_normalised_conv": sequential(
            (9, 7, 2), *normalized(conv(4, 3, 2, "same")), conv(3, 3, activation="relu"), layers.BatchNormalization(),
            layers.Flatten(), layers.Dense(4), layers.Dense(5 * 4 * 4, "relu"), layers.Reshape((5, 4, 4)),
            layers.BatchNormalization(), *normalized(layers.Conv2DTranspose(3, 3, 2, "same")),
            layers.Cropping2D(((0, 1), (1, 0))), conv(2, 3, padding="same", activation="sigmoid")),
        "activations": sequential((6,), layers.Dense(6), layers.LeakyReLU(0.1), layers.Dense(6), layers.ELU(0.5),
                                  layers.Dense(6, "gelu"), layers.Dense(6, "swish"), layers.Dense(4, "softplus"),
                                  layers.Dense(6, "selu"), layers.Dense(6, "hard_sigmoid"), layers.Dense(6, "softsign"),
                                  layers.Dense(6), layers.ReLU(6.0), layers.Dense(6, "leaky_relu"),
                                  layers.Dense(6, "exponential")),
        "odd": sequential((11, 7, 1), layers.Rescaling(2.0, -1.0), conv(3, (3, 2), (2, 1)),
                          layers.AveragePooling2D(2, 1, "same"), pool(3, 2, "same"), conv(4, 2, dilation_rate=2, padding="same"),
                          layers.LayerNormalization(), layers.GlobalAveragePooling2D(), layers.Dropout(0.5),
                          layers.Dense(12), layers.Reshape((3, 2, 2)),
                          layers.UpSampling2D(2, interpolation="bilinear"), layers.Conv2DTranspose(2, 2, 2, output_padding=1),
                          layers.ZeroPadding2D(((0, 0), (0, 1))), layers.Cropping2D(((1, 1), (2, 1))),
                          layers.Conv2DTranspose(1, 1, use_bias=False)),
    }


def torch_models():
    def autoencoder(encoder, decoder):
        return nn.Sequential(*encoder, *decoder)

    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = nn.Sequential(nn.Conv2d(2, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 6, 3, 2, 1), nn.BatchNorm2d(6),
                                         nn.ReLU(), nn.Flatten(), nn.Linear(6 * 3 * 2, 5))
            self.decoder = nn.Sequential(nn.Linear(5, 36), nn.BatchNorm1d(36), nn.ReLU(), nn.Unflatten(1, (6, 3, 2)),
                                         nn.ConvTranspose2d(6, 4, 3, 2, 1, 1), nn.ReLU(),
                                         nn.ConvTranspose2d(4, 2, 4, 2, 1), nn.Sigmoid())

        def forward(self, x):
            return self.decoder(self.encoder(x))

    return {
        "torch_dense": (autoencoder([nn.Linear(9, 6), nn.ReLU(), nn.Linear(6, 3)],
                                    [nn.Tanh(), nn.Linear(3, 6), nn.LeakyReLU(), nn.Linear(6, 9)]), (9,)),
        "torch_named": (Named(), (2, 12, 8)),
        "torch_conv": (autoencoder(
            [nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True), nn.Conv2d(4, 3, 3, padding=1),
             nn.ELU(), nn.MaxPool2d(2)],
            [nn.Conv2d(3, 4, 3, padding=1), nn.SiLU(), nn.Upsample(scale_factor=2), nn.Conv2d(4, 4, 3, padding="same"),
             nn.GELU(), nn.Upsample(scale_factor=2, mode="bilinear"), nn.ZeroPad2d((0, 1, 1, 0)),
             nn.Conv2d(4, 1, 3, padding=1), nn.Sigmoid()]), (1, 13, 9)),
        "torch_flat_image": (autoencoder([nn.Flatten(), nn.Linear(48, 8), nn.ReLU(), nn.Linear(8, 2)],
                                         [nn.Linear(2, 8), nn.Softplus(), nn.Linear(8, 48), nn.Hardsigmoid(),
                                          nn.Unflatten(1, (3, 4, 4))]), (3, 4, 4)),
    }


def refused():
    """Models that must not be imported, and a word that the refusal has."""
    def model(*stack):
        return keras.Sequential([keras.Input((4, 4, 2)), *stack])

    return {"DepthwiseConv2D": model(layers.DepthwiseConv2D(3, padding="same")),
            "PReLU": model(layers.Conv2D(2, 1), layers.PReLU()),
            "softmax": model(layers.Conv2D(2, 1, activation="softmax"), layers.Conv2D(2, 1)),
            "no autoencoder": model(layers.Conv2D(3, 1), layers.Conv2D(3, 1)),
            "split": model(layers.Conv2D(2, 1)),
            "groups": model(layers.Conv2D(2, 1, groups=2), layers.Conv2D(2, 1))}


def run_import(path, *options):
    return subprocess.run([sys.executable, ROOT / "tools" / "import_model.py", path, *options], capture_output=True, text=True)


def compile_and_verify(folder, names):
    """One program that loads every model and verifies it; what it prints are the differences by name."""
    includes = "".join(f'#include "{name}/model.hpp"\n' for name in names)
    calls = "".join(f'  check<{name}::Model>("{name}");\n' for name in names)
    source = folder / "verify.cpp"
    source.write_text(f"""{includes}#include <eigencoder/io/metadata.hpp>
#include <cstdio>

template <class Model>
void check(const char* name) {{
  Model model;
  const std::string path = std::string(FOLDER) + "/" + name + "/model.safetensors";
  eigencoder::load(model, path);
  std::printf("%s %.17g\\n", name, eigencoder::verify(model, path, 1));
}}

int main() {{
{calls}}}
""")
    program = folder / "verify"
    subprocess.run(["g++", "-std=c++20", "-O1", "-march=native", f"-I{ROOT / 'include'}", f"-I{folder}", "-isystem",
                    "/usr/include/eigen3", f'-DFOLDER="{folder}"', source, "-pthread", "-o", program], check=True)
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split("\n")
    return {name: float(value) for name, value in (entry.split() for entry in lines if entry)}


def test_vector(weights):
    with safe_open(weights, "numpy") as file:
        metadata = file.metadata()
    return (np.float32(metadata[name].split()) for name in ("test_input", "test_output"))


def difference(got, expected):
    return float(np.max(np.abs(got.ravel() - expected)) / max(1, np.max(np.abs(expected))))


def in_keras(weights, folder):
    """How far what the weights give in Keras, saved and loaded, is from their test vector."""
    path = folder / "exported.keras"
    export_weights.to_keras(*export_weights.read(weights)).save(path)
    sample, expected = test_vector(weights)
    model = keras.models.load_model(path)
    return difference(model.predict(sample.reshape(1, *model.input_shape[1:]), verbose=0), expected)


def in_torch(weights, _):
    encoder, decoder = export_weights.read(weights)
    shape = encoder[0].input
    model = export_weights.to_torch(encoder, decoder).eval()
    sample, expected = test_vector(weights)
    flat = shape[:2] == (1, 1)
    x = torch.tensor(sample.reshape(1, -1) if flat else sample.reshape(1, *shape).transpose(0, 3, 1, 2))
    with torch.no_grad():
        y = model["decoder"](model["encoder"](x)).numpy()
    return difference(y if flat else y.transpose(0, 2, 3, 1), expected)


def main(folder, own_weights):
    folder = pathlib.Path(folder).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    failed = False

    def report(name, what, worst):
        nonlocal failed
        good = isinstance(worst, str) or worst <= TOLERANCE
        failed |= not good
        print(f"{'ok' if good else 'FAILED':6} {name:24} {what:24} {worst if isinstance(worst, str) else f'{worst:.1e}'}")

    names = []
    files = {}
    for number, (name, model) in enumerate(keras_models().items()):
        files[name] = folder / f"{name}{('.keras', '.h5')[number % 2]}"
        randomized(model).save(files[name])
    torch.manual_seed(0)
    for name, (model, shape) in torch_models().items():
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_(0, 0.3)
                module.running_var.uniform_(0.5, 2)
                nn.init.normal_(module.weight, 1, 0.2)
        files[name] = folder / f"{name}.pt2"
        dynamic = ({0: torch.export.Dim.AUTO},) if len(shape) == 1 else None
        program = torch.export.export(model.eval(), (torch.rand(2, *shape),), dynamic_shapes=dynamic)
        torch.export.save(program, files[name])
    for name, path in files.items():
        done = run_import(path, "--output", folder / name, "--name", name)
        if done.returncode:
            report(name, "import", 1.0)
            print(done.stderr[-2000:])
        else:
            names.append(name)
    for name, worst in compile_and_verify(folder, names).items():
        report(name, "in the library", worst)
    for weights in [folder / name / "model.safetensors" for name in names] + sorted(pathlib.Path(own_weights).iterdir()):
        name = weights.parent.name if weights.stem == "model" else weights.stem
        for package, export in (("Keras", in_keras), ("PyTorch", in_torch)):
            try:
                report(name, f"in {package}", export(weights, folder))
            except export_weights.Unsupported as reason:
                expected = WITHOUT_TWIN.get((name, package))
                report(name, f"in {package}", f"refused: {reason}" if expected and expected in str(reason) else 1.0)

    # A state_dict without a program, for the architecture that the program had.
    model, _ = torch_models()["torch_dense"]
    torch.save(model.state_dict(), folder / "state.pt")
    done = run_import(folder / "state.pt", "--output", folder / "state", "--architecture",
                      folder / "torch_dense" / "model.safetensors")
    print(done.stderr[-2000:], end="")
    with safe_open(folder / "state" / "model.safetensors", "numpy") as file:
        report("state_dict", "first kernel", difference(file.get_tensor("encoder.0.kernel"),
                                                        model[0].weight.detach().numpy().T.ravel()))
    for word, model in refused().items():
        model.save(folder / "refused.keras")
        done = run_import(folder / "refused.keras", "--output", folder / "refused")
        good = done.returncode != 0 and word in done.stderr and not (folder / "refused").exists()
        report("refused", word, done.stderr.strip().split("\n")[-1] if good else 1.0)
        if not good:
            print(done.stdout, done.stderr[-1500:])
    sys.exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
