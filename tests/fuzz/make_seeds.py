#!/usr/bin/env python3
"""Writes the inputs from which the fuzzers start, seeds/<target>/<name>: small files of every kind that is read."""

import gzip
import io
import pathlib
import struct
import zlib
import zipfile

seeds = pathlib.Path(__file__).parent / "seeds"


def seed(target, name, data):
    path = seeds / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def idx(*dims, values):
    return bytes([0, 0, 8, len(dims)]) + struct.pack(f">{len(dims)}I", *dims) + values


seed("idx", "labels", idx(3, values=b"\x00\x01\xff"))
seed("idx", "images", idx(2, 2, 2, values=bytes(range(8))))
seed("idx", "colors", idx(1, 1, 2, 3, values=bytes(6)))
seed("idx", "none", idx(0, 28, 28, values=b""))
seed("idx", "packed", gzip.compress(idx(1, 2, values=b"ab"), mtime=0))


def npy(header, values, version=1):
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header + values


seed("npy", "floats", npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", struct.pack("<2f", 1, 2)))
seed("npy", "doubles", npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }\n", struct.pack("<d", 0.1), 2))
seed("npy", "bytes", npy(b"{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 3L), }\n", b"abc", 3))


def npz(method, **arrays):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, array in arrays.items():
            archive.writestr(zipfile.ZipInfo(name + ".npy"), array, method)
    return file.getvalue()


table = npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", struct.pack("<2f", 1, 2))
labels = npy(b"{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }\n", b"\0\1")
seed("npz", "stored", npz(zipfile.ZIP_STORED, X=table, y=labels))
seed("npz", "deflated", npz(zipfile.ZIP_DEFLATED, X=table, y=labels))

seed("csv", "numbers", b"\x00" + b"1,2.5,-3e2\n4, 5 ,+6\r\n\n")
seed("csv", "header", b"\x07" + b"\xef\xbb\xbfx;y\n0.1;nan\n0.3;inf")
seed("csv", "quoted", b"\x00" + b'"a ""b""",c\n"1",\n"2\n","x,y"\nNA,NaN')
seed("csv", "labels", b"\x84" + b"1,7\n2,-1\n")


for kind, folder in enumerate(["npy", "idx"]):
    for path in sorted((seeds / folder).iterdir()):
        seed("mapped", path.name, bytes([kind]) + path.read_bytes())
seed("mapped", "raw", b"\x12" + b"x" + struct.pack("<4f", 1, 2, 3, 4))


def safetensors(header, values):
    return struct.pack("<Q", len(header)) + header + values


seed(
    "safetensors",
    "model",
    safetensors(
        b'{"__metadata__":{"format":"eigencoder"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},'
        b'"b":{"dtype":"F64","shape":[1,2],"data_offsets":[8,24]}}  ',
        struct.pack("<2f2d", 1, 2, 3, 4),
    ),
)
seed("safetensors", "scalar", safetensors(b'{"t\\u00e9":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', b"\0\0\0\0"))
seed("safetensors", "none", safetensors(b'{"t":{"shape":[0,7],"data_offsets":[0,0],"dtype":"F64"}}', b""))


def checkpoint(**tensors):
    """Of a training of 40 samples in batches of 16; the fuzzer sets the checksum."""
    header, values = "", b""
    for name, numbers in tensors.items():
        kind, shape = ("F64", []) if isinstance(numbers, float) else ("F32" if name == "a" else "F64", [len(numbers)])
        numbers = [numbers] if isinstance(numbers, float) else numbers
        data = struct.pack(f"<{len(numbers)}{'d' if kind == 'F64' else 'f'}", *numbers)
        header += f',"{name}":{{"dtype":"{kind}","shape":{shape},"data_offsets":[{len(values)},{len(values) + len(data)}]}}'
        values += data
    metadata = (
        '{"format":"eigencoder","version":"0.1.0","kind":"eigencoder checkpoint 1","checksum":"0000000000000000",'
        '"architecture":"one\\ntwo","seed":"1"}'
    )
    return safetensors(('{"__metadata__":' + metadata + header + "}").encode(), values)


epoch = {f"history.{name}": [1.5] for name in ("loss", "validation_loss", "seconds", "samples_per_second", "learning_rate")}
place = {f"training.{name}": value for name, value in dict(epoch=1.0, done=16.0, loss=2.5, seconds=0.5, stopped=0.0).items()}
seed("checkpoint", "training", checkpoint(**epoch, **place, **{"training.steps": 4.0, "history.metrics.m": [1.0], "a": [1, 2]}))
seed("checkpoint", "empty", checkpoint())


def chart(width, height, lines, points):
    return b"\x01\x04" + struct.pack("<hhB", width, height, lines) + b"".join(struct.pack("<Bd", *point) for point in points)


seed("png", "chart", chart(300, 200, 2, [(0, 1.5), (1, 2.5), (0, 1.25), (1, 2.0)]))
seed("png", "extremes", chart(120, 90, 1, [(0, -1e308), (0, 1.7e308), (0, 5e-324), (0, float("nan")), (0, float("inf"))]))
seed("png", "grey", b"\x00" + bytes([2, 2, 1, 2, 2, 1]) + struct.pack("<12f", *[i / 10 for i in range(12)]))
seed("png", "colors", b"\x00" + bytes([1, 1, 0, 1, 2, 3]) + struct.pack("<6f", -1, 0, 0.5, 1, 2, float("nan")))


def code_file(mode, images, payload):
    """For tests/fuzz/codec.cpp, which puts a model's fingerprint and a checksum in."""
    return bytes([mode]) + b"EGC\x01" + bytes(5) + bytes([images, 2, 4, 1]) + payload + bytes(4)


def stack(words):
    """One head, 2^31, over words of 32 bits."""
    return b"\x10\x04" + struct.pack("<I", 1 << 31) + struct.pack(f"<{len(words)}I", *words)


seed("codec", "none", code_file(0, 0, stack([])))
seed("codec", "lossy", code_file(0, 2, stack([0x12345678 * k % (1 << 32) for k in range(1, 5)])))
seed("codec", "binary", code_file(1, 1, bytes(4) + stack([0x9E3779B9 * k % (1 << 32) for k in range(1, 9)])))
seed("codec", "grey", code_file(2, 1, bytes(4) + stack([0x85EBCA6B * k % (1 << 32) for k in range(1, 20)])))


# Pictures of a slope: PNG here, JPEG as an encoder made them once (test_images.cpp has it).
def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, color_type, channels, depth=8):
    rows = b"".join(b"\0" + bytes((40 + 4 * x + 3 * y) % 256 for x in range(width) for _ in range(channels * depth // 8))
                    for y in range(height))
    header = struct.pack(">2I5B", width, height, depth, color_type, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows))
            + png_chunk(b"IEND", b""))


seed("images", "grey_png", b"\x30" + png(5, 4, 0, 1))
seed("images", "color_png", b"\x42" + png(4, 3, 2, 3))
seed("images", "alpha_png", b"\x22" + png(3, 3, 6, 4))
seed("images", "deep_png", b"\x20" + png(3, 2, 0, 1, 16))
