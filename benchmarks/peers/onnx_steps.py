"""onnxruntime: reconstructions only, of the PyTorch models exported as ONNX.

Variants: `default`, a call as its tutorials write it; `bound`, inputs and the output bound to memory beforehand, which is the
least that its Python interface can do: its C interface, whose headers do not come with the Python package, saves about 3
microseconds a call.
"""

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
    if variant == "bound":
        output = session.get_outputs()[0].name
        y = onnxruntime.OrtValue.ortvalue_from_numpy(session.run(None, {name: x[0]})[0])
        bindings = []
        for each in x:
            bindings.append(session.io_binding())
            bindings[-1].bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(each)))
            bindings[-1].bind_ortvalue_output(output, y)
        return lambda number: session.run_with_iobinding(bindings[number])
    batches = [{name: np.ascontiguousarray(each)} for each in x]
    return lambda number: session.run(None, batches[number])


if __name__ == "__main__":
    torch.set_num_threads(1)
    serve(prepare)
