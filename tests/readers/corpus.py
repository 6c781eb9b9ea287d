#!/usr/bin/env python3
"""Writes corpus.json: files of both formats, good and bad, with what NumPy and safetensors say to each.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python corpus.py

An entry is {"name", "format", "hex": its bytes, "reference": accepted by the reference, "ours": accepted by us, "why": where
these differ}. test_corpus.cpp holds us to "ours".
"""

import io
import json
import pathlib
import struct

import numpy
import safetensors.numpy

cases = []


def reference(kind, data):
    try:
        if kind == "npy":
            numpy.load(io.BytesIO(data), allow_pickle=False)
        else:
            safetensors.numpy.load(data)
        return True
    except Exception:
        return False


def case(kind, name, data, ours, why=None):
    accepted = reference(kind, data)
    assert (accepted != ours) == (why is not None), f"{kind} {name}: the reference {'accepts' if accepted else 'refuses'} it"
    cases.append({"name": name, "format": kind, "hex": data.hex(), "reference": accepted, "ours": ours} | ({"why": why} if why else {}))


def npy(name, header, ours, values=bytes(8), version=(1, 0), why=None, size=None):
    length = struct.pack("<H" if version[0] == 1 else "<I", len(header) if size is None else size)
    case("npy", name, b"\x93NUMPY" + bytes(version) + length + header.encode("latin1") + values, ours, why)


def dictionary(descr="'<f4'", order="False", shape="(1, 2)", end=", }\n"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}{end}"


good = dictionary()
other_order = "{'shape': (1, 2), 'fortran_order': False, 'descr': '<f4'}"
npy("good", good, True)
npy("version 2", good, True, version=(2, 0))
npy("version 3", good, True, version=(3, 0))
npy("other order, no last comma", other_order, True)
npy("double quotes", good.replace("'", '"'), True)
npy("spaces", "{ 'descr' : '<f4' ,'fortran_order':False,'shape':( 1 , 2 , ) , }   \n", True)
npy("doubles", dictionary("'<f8'", shape="(1,)"), True)
npy("bytes", dictionary("'|u1'", shape="(2, 2, 2, 1)"), True)
npy("no samples", dictionary(shape="(0, 3)"), True, b"")
npy("Python 2's large number", dictionary(shape="(1L, 2L)"), True)
npy("version 0", good, False, version=(0, 0))
npy("version 1.1", good, False, version=(1, 1))
npy("version 9.9", good, False, version=(9, 9))
npy("negative dimensions", dictionary(shape="(-1, -2)"), False)
npy("a negative dimension", dictionary(shape="(-1, 2)"), False)
npy("Falsehood", dictionary(order="Falsehood"), False)
npy("a number for an order", dictionary(order="0"), False)
npy("a list for a shape", dictionary(shape="[1, 2]"), False)
npy("a number for a shape", dictionary(shape="2"), False)
npy("a number in brackets", dictionary(shape="(2)"), False)
npy("a fraction", dictionary(shape="(1.0, 2)"), False)
npy("no comma between numbers", dictionary(shape="(1 2)"), False)
npy("two commas", dictionary(shape="(1,, 2)"), False)
npy("a leading zero", dictionary(shape="(01, 2)"), False)
npy("an unknown key", dictionary(end=", 'more': 1}"), False)
npy("no shape", "{'descr': '<f4', 'fortran_order': False}", False)
npy("no order", "{'descr': '<f4', 'shape': (1, 2)}", False)
npy("no type", "{'fortran_order': False, 'shape': (1, 2)}", False)
npy("no end", dictionary(end=", "), False)
npy("no dictionary", "('<f4', False, (1, 2))", False)
npy("words behind the dictionary", good + "and more", False)
npy("an empty header", "", False)
npy("a header longer than the file", good, False, size=1000)
npy("a header of more than 10,000 bytes", good + " " * 10000, False)
npy("an overflow", dictionary(shape="(4294967296, 4294967296)"), False)
npy("an overflow beside a zero", dictionary(shape="(0, 4294967296, 4294967296, 4294967296)"), False, b"")
npy("a dimension beyond 64 bits", dictionary(shape="(18446744073709551617, 2)"), False)
npy("more values than the file has", dictionary(shape="(2, 2)"), False)
npy("an object", dictionary("'|O'"), False)
npy("no such type", dictionary("'<z9'"), False)
npy("a key twice", dictionary(end=", 'shape': (1, 2)}"), False, why="Python lets the last entry win; no writer means that")
npy("more bytes than values", good, False, bytes(9), why="NumPy reads on from there; a file has one array")
npy("Fortran's order", dictionary(order="True"), True)
npy("Fortran's order of an image", dictionary(order="True", shape="(1, 2, 1)"), False, why="no table")
npy("big-endian", dictionary("'>f4'"), False, why="not a type that NumPy writes here")
npy("integers", dictionary("'<i8'", shape="(1,)"), True)
npy("another type", dictionary("'<c8'", shape="(1,)"), False, why="not a type of samples")
npy("no dimensions", dictionary(shape="()"), False, bytes(4), why="no samples")
npy("five dimensions", dictionary(shape="(1, 1, 1, 1, 2)"), False, why="no shape of a sample")
npy("a sample of nothing", dictionary(shape="(3, 0)"), False, b"", why="a sample has values")
case("npy", "empty", b"", False)
case("npy", "the magic alone", b"\x93NUMPY", False)
case("npy", "another file", b"PK\x05\x06 and more", False)


def safe(name, header, ours, values=bytes(8), why=None, size=None):
    header = header if isinstance(header, bytes) else header.encode()
    case("safetensors", name, struct.pack("<Q", len(header) if size is None else size) + header + values, ours, why)


def tensor(name="t", dtype='"F32"', shape="[2]", offsets="[0,8]"):
    return f'"{name}":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}}}'


def entries(*texts):
    return "{" + ",".join(texts) + "}"


safe("good", entries(tensor()), True)
safe("padded with spaces", entries(tensor()) + "     ", True)
safe("metadata", entries('"__metadata__":{"a":"b","c":""}', tensor()), True)
safe("metadata behind", entries(tensor(), '"__metadata__":{}'), True)
safe("two, the later first", entries(tensor("b", shape="[1]", offsets="[4,8]"), tensor("a", shape="[1]", offsets="[0,4]")), True)
safe("no tensors", "{}", True, b"")
safe("a scalar", entries(tensor(shape="[]", offsets="[0,4]")), True, bytes(4))
safe("nothing", entries(tensor(shape="[0,3]", offsets="[0,0]")), True, b"")
safe("nothing between others", entries(tensor("a", shape="[1]", offsets="[0,4]"), tensor("b", shape="[0]", offsets="[4,4]"), tensor("c", shape="[1]", offsets="[4,8]")), True)
safe("doubles", entries(tensor(dtype='"F64"', shape="[1]")), True)
safe("an escaped name", entries(tensor("\\u00e9\\n")), True)
safe("no name", entries(tensor("")), True)
safe("an overlap", entries(tensor("a"), tensor("b")), False)
safe("a partial overlap", entries(tensor("a"), tensor("b", offsets="[4,12]")), False, bytes(12))
safe("a gap", entries(tensor("a", shape="[1]", offsets="[0,4]"), tensor("b", shape="[1]", offsets="[8,12]")), False, bytes(12))
safe("a gap at the front", entries(tensor(offsets="[4,12]")), False, bytes(12))
safe("more data than tensors", entries(tensor()), False, bytes(9))
safe("less data than tensors", entries(tensor()), False, bytes(7))
safe("a shape of another size", entries(tensor(shape="[3]")), False)
safe("offsets in the wrong order", entries(tensor(offsets="[8,0]")), False)
safe("three offsets", entries(tensor(offsets="[0,8,8]")), False)
safe("one offset", entries(tensor(offsets="[0]")), False)
safe("an overflow", entries(tensor(shape="[4294967296,4294967296]")), False)
safe("an overflow beside a zero", entries(tensor(shape="[4294967296,4294967296,0]", offsets="[0,0]")), False, b"")
safe("a dimension beyond 64 bits", entries(tensor(shape="[0,18446744073709551616]", offsets="[0,0]")), False, b"")
safe("a negative dimension", entries(tensor(shape="[-2]")), False)
safe("a fraction", entries(tensor(shape="[2.0]")), False)
safe("a string for a dimension", entries(tensor(shape='["2"]')), False)
safe("a list in a shape", entries(tensor(shape="[[2]]")), False)
safe("no shape", '{"t":{"dtype":"F32","data_offsets":[0,8]}}', False)
safe("no offsets", '{"t":{"dtype":"F32","shape":[2]}}', False)
safe("no type", '{"t":{"shape":[2],"data_offsets":[0,8]}}', False)
safe("no such type", entries(tensor(dtype='"F33"')), False)
safe("a number for a type", entries(tensor(dtype="32")), False)
safe("a shape twice", '{"t":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}', False)
safe("a number for a tensor", '{"t":1}', False)
safe("metadata that is a number", entries('"__metadata__":1', tensor()), False)
safe("a number in the metadata", entries('"__metadata__":{"a":1}', tensor()), False)
safe("an object in the metadata", entries('"__metadata__":{"a":{}}', tensor()), False)
safe("nested metadata", entries('"__metadata__":{"a":' + "[" * 500 + "]" * 500 + "}", tensor()), False)
safe("metadata twice", entries('"__metadata__":{"a":"b"}', '"__metadata__":{"a":"b"}', tensor()), False)
safe("a list", "[1]", False, b"")
safe("half an object", '{"t":', False, b"")
safe("words behind the object", entries(tensor()) + "and more", False)
safe("a comma behind the last", "{" + tensor() + ",}", False)
safe("a name that is not UTF-8", b'{"\xff":' + entries(tensor())[5:].encode(), False)
safe("a byte-order mark", b"\xef\xbb\xbf" + entries(tensor()).encode(), False)
safe("no header", "", False, b"")
safe("a header longer than the file", entries(tensor()), False, size=1000)
safe("a header of 2^63 bytes", entries(tensor()), False, size=1 << 63)
case("safetensors", "empty", b"", False)
case("safetensors", "seven bytes", bytes(7), False)
case("safetensors", "another file", b"\x89PNG\r\n and so on and so on", False)

safe("spaces and lines", entries(tensor()).replace(":", " :\n") + "\n\t", True)
safe("65 dimensions", entries(tensor(shape="[" + "1," * 64 + "2]")), False)
safe("half a surrogate pair", entries(tensor("\\ud800")), False)
safe("a minus zero", entries(tensor(offsets="[-0,8]")), False)
safe("an exponent", entries(tensor(offsets="[0,8e0]")), False)
safe("a line's end within a name", entries(tensor("\n")), False)
safe("an overflow behind a zero", entries(tensor(shape="[0,9223372036854775807,3]", offsets="[0,0]")), False, b"")
safe("a name twice", entries(tensor(), tensor()), False, why="the format's description disallows it")
safe("a space in front", " " + entries(tensor()), False, why="the format's description says that a header starts with a brace")
safe("a field of no meaning", '{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}', False, why="not of the format")
safe("deep in a field of no meaning", '{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":' + "[" * 50 + "]" * 50 + "}}", False, why="not of the format")
safe("null for metadata", entries('"__metadata__":null', tensor()), False, why="not of the format")
safe("whole numbers", entries(tensor(dtype='"I64"', shape="[1]")), False, why="no type of weights here")
npy("an underscore in a number", dictionary(shape="(1_0,)"), False)
npy("a truth for a number", dictionary(shape="(True, 2)"), False)
npy("a comment", good.replace("}", "} # x"), False, why="Python that no writer writes")
npy("a hexadecimal number", dictionary(shape="(0x1, 2)"), False, why="Python that no writer writes")
npy("a prefix of a string", good.replace("'<f4'", "u'<f4'"), False, why="Python that no writer writes")
npy("a type without its order", dictionary("'f4'"), False, why="Python that no writer writes")

path = pathlib.Path(__file__).parent / "corpus.json"
path.write_text("[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]\n")
print(f"{len(cases)} cases, {sum(c['ours'] != c['reference'] for c in cases)} of them decided otherwise than by the reference")
