"""PyTorch: whole training steps and reconstructions.

Variants: `literal`, the model and the training as tutorials write them, with the sigmoid, BCELoss and Adam() of the model's
description; then what an expert makes of it, with the loss from logits and Adam(fused=True): `eager`, `channels_last`,
`compile` and `compile_channels_last`; and the last four with `_bfloat16`, in which what PyTorch's autocast chooses is computed in
bfloat16. Those on memory formats are for images only.
"""

import sys

import torch

import models
from protocol import serve


def prepare(what, variant, model, batch, steps):
    torch.manual_seed(1)
    torch._dynamo.reset()
    network = models.build(model)
    batches = torch.rand(steps, batch, *models.SHAPES[model]).unbind()
    if "channels_last" in variant:
        if batches[0].dim() != 4:
            raise ValueError("a memory format is for images")
        network = network.to(memory_format=torch.channels_last)
        batches = [x.to(memory_format=torch.channels_last) for x in batches]
    compiled = torch.compile if variant.startswith("compile") else lambda function: function
    return (training if what == "train" else inference)(network, variant, model, batches, compiled)


def precision(variant):
    return torch.autocast("cpu", torch.bfloat16, enabled=variant.endswith("bfloat16"))


def training(network, variant, model, batches, compiled):
    literal = variant == "literal"
    optimizer = torch.optim.Adam(network.parameters(), fused=None if literal else True)
    loss = compiled(lambda x: models.loss(model, network, x, from_logits=not literal))

    def step(number):
        optimizer.zero_grad()
        with precision(variant):
            value = loss(batches[number])
        value.backward()
        optimizer.step()

    return step


def inference(network, variant, model, batches, compiled):
    reconstruct = compiled(lambda x: torch.sigmoid(network.eval()(x)))

    def step(number):
        with torch.inference_mode(), precision(variant):
            reconstruct(batches[number])

    return step


if __name__ == "__main__":
    torch.set_num_threads(int(sys.argv[1]))
    serve(prepare)
