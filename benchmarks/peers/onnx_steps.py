"""onnxruntime: reconstructions only, of the PyTorch models exported as ONNX. Its one variant is `default`."""

import io
import sys

import numpy as np
import onnxruntime
import torch

import models
from protocol import serve


def prepare(what, variant, model, batch, steps):
    if what != "infer":
        raise ValueError("onnxruntime does not train")
    network = torch.nn.Sequential(models.build(model), torch.nn.Sigmoid()).eval()
    x = torch.rand(steps, batch, *models.SHAPES[model]).numpy()
    file = io.BytesIO()
    torch.onnx.export(network, (torch.from_numpy(x[0]),), file, dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[1])
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    batches = [{name: np.ascontiguousarray(each)} for each in x]
    return lambda number: session.run(None, batches[number])


if __name__ == "__main__":
    torch.set_num_threads(1)
    serve(prepare)
