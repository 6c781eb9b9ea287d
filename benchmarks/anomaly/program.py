"""The example anomaly_detector as the scripts of this folder run it, and their virtual environment."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))

from environment import say, virtual_environment  # noqa: F401 (say is for the scripts)


def enter():
    """Starts the script anew in the virtual environment unless that is where it runs."""
    python = virtual_environment(HERE / "requirements.txt", "venv-anomaly")
    if pathlib.Path(sys.prefix).resolve() != python.parent.parent.resolve():
        os.execv(python, [str(python), *sys.argv])


def run_detector(program, train, test, seed):
    """Scores of the test rows, the seconds that training and scoring took, and the p-values."""
    import numpy as np
    with tempfile.TemporaryDirectory() as folder:
        np.savez(f"{folder}/train.npz", X=train)
        np.savez(f"{folder}/test.npz", X=test)
        said = subprocess.run([program, "--train", f"{folder}/train.npz", "--test", f"{folder}/test.npz", "--seed", str(seed),
                               "--threads", "1", "--output", folder], capture_output=True, text=True, check=True).stdout
        scores, p_values, _ = np.loadtxt(f"{folder}/scores.csv", delimiter=",", skiprows=1, ndmin=2).T
    return scores, float(re.search(r"trained in (\S+)", said)[1]), float(re.search(r"columns, in (\S+)", said)[1]), p_values
