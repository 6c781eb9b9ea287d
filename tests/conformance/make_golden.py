#!/usr/bin/env python3
"""Write the golden files of the conformance tests: what Keras, checked against PyTorch, computes in float64.

    python -m venv venv && venv/bin/pip install -r tests/conformance/requirements.txt
    venv/bin/python tests/conformance/make_golden.py [case ...]

Without a case every file is made. A case whose two references differ, or that float32 PyTorch cannot follow to the
tolerance that the C++ tests ask of float, is an error and leaves its file as it was.
"""

import pathlib
import sys
from importlib.metadata import version

import numpy as np
from safetensors.numpy import save_file

import cases_codes
import cases_conv
import cases_dense
import cases_families

CASES = {case.__name__: case for module in (cases_dense, cases_conv, cases_families, cases_codes) for case in module.CASES}


def main(names):
    unknown = set(names) - set(CASES)
    if unknown:
        sys.exit(f"make_golden.py: no case {', '.join(sorted(unknown))}; the cases are {', '.join(CASES)}")
    made_by = ", ".join(f"{package} {version(package)}" for package in ("keras", "tensorflow-cpu", "torch", "numpy"))
    for name in names or CASES:
        path = pathlib.Path(__file__).parent / "golden" / f"{name}.safetensors"
        tensors = {key: np.ascontiguousarray(value, np.float64) for key, value in CASES[name]().items()}
        save_file(tensors, path, metadata={"made_by": made_by})
        path.chmod(0o644)
        print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
