#!/usr/bin/python3
"""Makes pool.safetensors: pooling, interpolation, cross-entropy and embedding with gradients, by PyTorch in float64.

For each case k the file holds, in float32 and in this project's layouts (images NHWC):
    k.x    input, logits or table        k.t     target or ids, where there are any
    k.y    the result                    k.dy    a weight for each number of it      k.dx   gradient of sum(y * dy) by x
and in __metadata__ the JSON text `cases`: kind and options as PyTorch has them. Inputs are drawn in float32, and those
of max pooling rounded so that some are equal, so an engine in float32 starts from exactly the same numbers.

Run again with Debian's python3-torch (1.13):  python3 tests/golden/make_pool.py
"""

import json
import pathlib

import torch
from torch.nn import functional

from fixture import write_safetensors

SEED = 3
# kind, shape of x in PyTorch's order, options
CASES = [
    ("max", (2, 4, 6, 6), {"kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0]}),
    ("max", (1, 3, 7, 5), {"kernel_size": [3, 3], "stride": [2, 2], "padding": [1, 1]}),
    ("max", (2, 1, 5, 8), {"kernel_size": [2, 4], "stride": [1, 3], "padding": [1, 2]}),
    ("average", (2, 4, 6, 6), {"kernel_size": [2, 2], "stride": [2, 2], "padding": [0, 0], "count_include_pad": True}),
    ("average", (1, 3, 7, 5), {"kernel_size": [3, 3], "stride": [2, 2], "padding": [1, 1], "count_include_pad": True}),
    ("average", (1, 3, 7, 5), {"kernel_size": [3, 2], "stride": [1, 2], "padding": [1, 1], "count_include_pad": False}),
    ("nearest", (2, 3, 2, 3), {"scale_factor": 2}),
    ("bilinear", (2, 4, 3, 4), {"size": [6, 8]}),
    ("bilinear", (1, 3, 5, 4), {"size": [12, 3]}),
    ("logsumexp", (5, 7), {}),
    ("softmax", (4, 8), {}),
    ("crossEntropyIds", (6, 5), {}),
    ("crossEntropyProbabilities", (6, 5), {}),
    ("embedding", (7, 4), {"ids": [2, 5]}),
]


def apply(kind, x, options):
    """The result and, where there is one, the target."""
    if kind == "max":
        return functional.max_pool2d(x, **options), None
    if kind == "average":
        return functional.avg_pool2d(x, **options), None
    if kind == "nearest":
        return functional.interpolate(x, mode="nearest", **options), None
    if kind == "bilinear":
        return functional.interpolate(x, mode="bilinear", align_corners=False, **options), None
    if kind == "logsumexp":
        return torch.logsumexp(x, -1), None
    if kind == "softmax":
        return torch.softmax(x, -1), None
    if kind == "crossEntropyIds":
        ids = torch.randint(x.shape[1], x.shape[:1])
        return functional.cross_entropy(x, ids, reduction="none"), ids
    if kind == "crossEntropyProbabilities":
        probabilities = torch.softmax(torch.randn(x.shape), -1)
        return functional.cross_entropy(x, probabilities.double(), reduction="none"), probabilities
    ids = torch.randint(x.shape[0], options["ids"])
    return functional.embedding(ids, x), ids


def run(kind, shape, options):
    x = torch.randn(*shape)
    if kind == "max":
        x = (4 * x).round() / 4
    x = x.double().requires_grad_()
    y, target = apply(kind, x, options)
    dy = torch.randn(y.shape).double()
    (y * dy).sum().backward()
    tensors = {"x": x, "y": y, "dy": dy, "dx": x.grad}
    if len(shape) == 4:
        tensors = {name: value.permute(0, 2, 3, 1) for name, value in tensors.items()}
    return tensors if target is None else {**tensors, "t": target}


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    tensors, cases = {}, []
    for k, (kind, shape, options) in enumerate(CASES):
        for name, value in run(kind, shape, options).items():
            tensors[f"{k}.{name}"] = value.detach().numpy()
        cases.append({"kind": kind, **options})
    path = pathlib.Path(__file__).with_name("pool.safetensors")
    write_safetensors(path, tensors, {"cases": json.dumps(cases)})
    print(f"{path.name}: {path.stat().st_size} bytes, {len(cases)} cases, PyTorch {torch.__version__}")


main()
