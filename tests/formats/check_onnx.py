#!/usr/bin/env python3
"""Check ONNX files against what their models computed: `check_onnx.py FOLDER`, a folder that write_models has filled.

Every file must satisfy onnx.checker with full shape inference, state inputs and outputs of any batch size, and give in
onnxruntime what the library gave, to 1e-5 of the largest value, for the whole batch and for its first sample alone.
"""

import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file

TOLERANCE = 1e-5


def difference(got, expected):
    expected = expected.reshape(got.shape)
    return float(np.max(np.abs(got - expected)) / max(1.0, np.max(np.abs(expected))))


def check(path, tensors, inputs, outputs):
    """The largest difference of a file's outputs from the tensors named in `outputs`."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert model.opset_import[0].version >= 17
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [output.name for output in session.get_outputs()] == list(outputs)
    worst = 0.0
    for count in (len(tensors["input"]), 1):
        feed = {}
        for entry in session.get_inputs():
            assert entry.shape[0] == "batch", entry.shape
            values = tensors[inputs[entry.name]][:count]
            kind = np.int64 if entry.type == "tensor(int64)" else np.float32
            feed[entry.name] = values.reshape(count, *entry.shape[1:]).astype(kind)
        for entry, got in zip(session.get_outputs(), session.run(None, feed)):
            assert list(got.shape[1:]) == entry.shape[1:], (got.shape, entry.shape)
            worst = max(worst, difference(got, tensors[outputs[entry.name]][:count]))
    return worst


def main(folder):
    failed = False
    for path in sorted(pathlib.Path(folder).glob("*.safetensors")):
        tensors = load_file(path)
        codes = {"code": "code"} | ({"log_variance": "log_variance"} if "log_variance" in tensors else {})
        parts = {
            "": ({"input": "input", "label": "label"}, {"reconstruction": "reconstruction"}),
            ".encoder": ({"input": "input", "label": "label"}, codes),
            ".decoder": ({"code": "code", "label": "label"}, {"reconstruction": "decoded"}),
        }
        for part, (inputs, outputs) in parts.items():
            worst = check(str(path.with_suffix("")) + part + ".onnx", tensors, inputs, outputs)
            failed |= not worst <= TOLERANCE
            print(f"{'ok' if worst <= TOLERANCE else 'FAILED':6} {path.stem + part:28} {worst:.1e}")
    sys.exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
