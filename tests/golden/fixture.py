"""The file that the make_*.py of this folder write."""

import json
import struct

import numpy


def write_safetensors(path, tensors, metadata):
    """tensors: {name: array}, stored as little-endian float32; format: https://github.com/huggingface/safetensors"""
    header, data = {"__metadata__": metadata}, b""
    for name, array in tensors.items():
        raw = numpy.ascontiguousarray(array, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
