#!/usr/bin/python3
"""Makes norm.safetensors: normalisation layers, their gradients and running statistics, computed by PyTorch in float64.

For each case k the file holds, in float32 and channels-last layouts ([batch, height, width, channels]):
    k.weight, k.bias             the layer's scale and shift
    k.<s>.x, k.<s>.dy            input, and a weight for each output, of step s
    k.<s>.y                      the layer's output in training
    k.<s>.dx, .dweight, .dbias   gradients of sum(y * dy)
and for batch norm, of which there are two steps, k.<s>.runningMean and k.<s>.runningVariance after each, k.evaluated, the
output for the last x in evaluation, and its gradients k.evaluated.dx, .dweight, .dbias under the last dy. `cases` in
__metadata__ is JSON text: kind, groups. Inputs are drawn in float32, so an engine in float32 starts from the same numbers.

Run again with Debian's python3-torch (1.13):  python3 tests/golden/make_norm.py
"""

import json
import pathlib

import torch

from fixture import write_safetensors

SEED = 3
# kind, shape of x with the channels second, options. One case has odd extents; one has means far from 0.
CASES = [
    ("batch", (3, 8, 4, 2), {"offset": 0.0}),
    ("batch", (5, 3, 3, 3), {"offset": 20.0}),
    ("batch", (6, 5), {"offset": 0.0}),
    ("layer", (3, 8, 2, 3), {"offset": 3.0}),
    ("layer", (4, 5), {"offset": 0.0}),
    ("group", (2, 8, 3, 4), {"offset": 1.0, "groups": 2}),
    ("group", (3, 6, 5, 1), {"offset": 0.0, "groups": 3}),
]


def channels_last(x):
    return x.movedim(1, -1)


def layer_of(kind, channels, spatial, options):
    if kind == "batch":
        return torch.nn.BatchNorm2d(channels) if spatial else torch.nn.BatchNorm1d(channels)
    return torch.nn.LayerNorm(channels) if kind == "layer" else torch.nn.GroupNorm(options["groups"], channels)


def run(kind, shape, options):
    layer = layer_of(kind, shape[1], len(shape) > 2, options).double()
    with torch.no_grad():
        layer.weight.copy_(1 + 0.5 * torch.randn(shape[1]))
        layer.bias.copy_(torch.randn(shape[1]))
    tensors = {"weight": layer.weight.clone(), "bias": layer.bias.clone()}

    def forward(x):
        return channels_last(layer(x)) if kind != "layer" else layer(channels_last(x))

    def with_gradients(x, dy):
        layer.zero_grad()
        x = x.detach().requires_grad_()
        y = forward(x)
        (y * dy).sum().backward()
        return y, {"dx": channels_last(x.grad), "dweight": layer.weight.grad.clone(), "dbias": layer.bias.grad.clone()}

    for step in range(2 if kind == "batch" else 1):
        x = (options["offset"] + (1 + step) * torch.randn(*shape)).float().double()
        dy = torch.randn(channels_last(x).shape).double()
        y, gradients = with_gradients(x, dy)
        named = {"x": channels_last(x), "dy": dy, "y": y, **gradients}
        if kind == "batch":
            named.update(runningMean=layer.running_mean.clone(), runningVariance=layer.running_var.clone())
        tensors.update({f"{step}.{name}": value for name, value in named.items()})
    if kind == "batch":
        layer.eval()
        y, gradients = with_gradients(x, dy)
        tensors.update({"evaluated": y, **{f"evaluated.{name}": value for name, value in gradients.items()}})
    return tensors


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    tensors, cases = {}, []
    for k, (kind, shape, options) in enumerate(CASES):
        for name, value in run(kind, shape, options).items():
            tensors[f"{k}.{name}"] = value.detach().numpy()
        cases.append({"kind": kind, "groups": options.get("groups", 1)})
    path = pathlib.Path(__file__).with_name("norm.safetensors")
    write_safetensors(path, tensors, {"cases": json.dumps(cases)})
    print(f"{path.name}: {path.stat().st_size} bytes, {len(cases)} cases, PyTorch {torch.__version__}")


main()
