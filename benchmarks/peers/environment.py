"""The virtual environments with the other frameworks, shared by what compares Eigencoder with them."""

import hashlib
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def say(text):
    print(text, file=sys.stderr, flush=True)


def build_directory():
    directory = ROOT / "build" / "peers"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def virtual_environment(requirements=HERE / "requirements.txt", name="venv"):
    """The Python of the virtual environment of that name, made on the first use."""
    directory = pathlib.Path(os.environ.get("EIGENCODER_VENV", build_directory() / name))
    python, stamp = directory / "bin" / "python", directory / "eigencoder-requirements"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        say(f"installing the Python libraries into {directory} …")
        subprocess.run([sys.executable, "-m", "venv", directory], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", requirements], check=True)
        stamp.write_text(wanted)
    return python
