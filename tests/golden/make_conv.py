#!/usr/bin/python3
"""Makes conv.safetensors: convolutions, transposed convolutions and their gradients, computed by PyTorch in float64.

For each case k the file holds, in float32 and in this project's layouts (images NHWC, kernels [KH, KW, in, out], those of
transposed convolutions [KH, KW, out, in]):
    k.x, k.w, k.b   image, kernel and bias      k.dy          a weight for each output
    k.y             the layer's output          k.dx, k.dw, k.db   gradients of sum(y * dy)
and in __metadata__ the JSON text `cases`: kind, stride, padding (the same at both ends), dilation, output_padding. Inputs
are drawn in float32, so an engine in float32 starts from exactly the same numbers.

Run again with Debian's python3-torch (1.13):  python3 tests/golden/make_conv.py
"""

import json
import pathlib

import torch
from torch.nn import functional

from fixture import write_safetensors

SEED = 2
# kind, batch, size, in, out, kernel, options
CASES = [
    ("conv", 2, (6, 6), 4, 8, (3, 3), {"stride": [2, 2], "padding": [1, 1], "dilation": [1, 1]}),
    ("conv", 1, (7, 5), 1, 4, (3, 2), {"stride": [1, 2], "padding": [0, 1], "dilation": [2, 1]}),
    ("conv", 3, (5, 4), 3, 1, (2, 3), {"stride": [1, 1], "padding": [1, 2], "dilation": [1, 2]}),
    ("transposed", 2, (3, 3), 8, 4, (3, 3), {"stride": [2, 2], "padding": [1, 1], "output_padding": [1, 1], "dilation": [1, 1]}),
    ("transposed", 1, (2, 4), 4, 3, (2, 4), {"stride": [3, 2], "padding": [0, 1], "output_padding": [2, 0], "dilation": [1, 2]}),
    ("transposed", 2, (4, 3), 1, 1, (3, 3), {"stride": [1, 1], "padding": [1, 1], "output_padding": [0, 0], "dilation": [1, 1]}),
]


def nhwc(images):
    return images.permute(0, 2, 3, 1)


def kernel_last(weights):
    """PyTorch's [out, in, KH, KW] to [KH, KW, in, out], and its [in, out, KH, KW] of transposed ones to [KH, KW, out, in]."""
    return weights.permute(2, 3, 1, 0)


def run(kind, batch, size, inputs, outputs, kernel, options):
    layer = functional.conv2d if kind == "conv" else functional.conv_transpose2d
    order = (outputs, inputs) if kind == "conv" else (inputs, outputs)
    x, w, b = (torch.randn(*shape).double().requires_grad_() for shape in ((batch, inputs, *size), (*order, *kernel), (outputs,)))
    y = layer(x, w, b, **options)
    dy = torch.randn(y.shape).double()
    (y * dy).sum().backward()
    images = {"x": x, "y": y, "dy": dy, "dx": x.grad}
    kernels = {"w": w, "dw": w.grad}
    return {
        **{name: nhwc(value) for name, value in images.items()},
        **{name: kernel_last(value) for name, value in kernels.items()},
        "b": b,
        "db": b.grad,
    }


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    tensors, cases = {}, []
    for k, (kind, *shape, options) in enumerate(CASES):
        for name, value in run(kind, *shape, options).items():
            tensors[f"{k}.{name}"] = value.detach().numpy()
        cases.append({"kind": kind, **options})
    path = pathlib.Path(__file__).with_name("conv.safetensors")
    write_safetensors(path, tensors, {"cases": json.dumps(cases)})
    print(f"{path.name}: {path.stat().st_size} bytes, {len(cases)} cases, PyTorch {torch.__version__}")


main()
