#!/usr/bin/env python3
"""The benchmark's training steps and kernels in PyTorch, as JSON to be laid beside that of `reparam bench`.

    python3 torch_step.py > torch.json          on CUDA where there is one, else on the CPU
    python3 torch_step.py --only vae,matmul     some of them

A training step does what reparam's does: picks a random batch out of bytes that lie on the device, draws noise, computes
loss and gradients, and moves the weights by Adam. Each is timed eager, by torch.compile, as a CUDA graph, and as a CUDA
graph of the compiled step, as far as this PyTorch and this device can; what cannot run says why. Entries carry `mode` and
`tf32` beside the fields of the benchmark's own. Times are of the wall clock, over samples that end with a synchronisation.
"""
import argparse
import functools
import json
import math
import platform
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

BATCH, IMAGES, PIXELS = 128, 10_000, 784
MAX_ROUNDS = 7


class Vae(nn.Module):
    """The preset vae: 784-400-20-400-784."""

    latent = 20

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(784, 400), nn.ReLU(), nn.Linear(400, 2 * self.latent))
        self.decoder = nn.Sequential(nn.Linear(self.latent, 400), nn.ReLU(), nn.Linear(400, 784))


class ConvVae(nn.Module):
    """The preset conv-vae, NCHW, with PyTorch's symmetric padding: as much work as TensorFlow's."""

    latent = 2

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Unflatten(1, (1, 28, 28)),
            nn.Conv2d(1, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.ReLU(),
            nn.Flatten(),
            nn.Linear(64 * 7 * 7, 16), nn.ReLU(), nn.Linear(16, 2 * self.latent),
        )  # fmt: skip
        self.decoder = nn.Sequential(
            nn.Linear(self.latent, 64 * 7 * 7), nn.ReLU(),
            nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 64, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 3, padding=1),
            nn.Flatten(),
        )  # fmt: skip


MODELS = {"vae": Vae, "conv-vae": ConvVae}


def loss_of(model, x):
    """-ELBO in nats an image, Bernoulli pixels; x: [batch, 784] in [0, 1]."""
    mean, log_variance = model.encoder(x).chunk(2, dim=1)
    logits = model.decoder(mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean))
    reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = 0.5 * torch.sum(mean.square() + log_variance.exp() - 1 - log_variance)
    return (reconstruction + kl) / x.shape[0]


def step_flops(model):
    """Multiplications and additions of a step's products: each layer once forward and twice backward, but the first."""
    layers = []

    def count(layer, inputs, output):
        taps = layer.weight[0].numel()  # of one output; for a transposed convolution, of one input
        layers.append(2 * taps * (inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output).numel())

    kinds = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)
    hooks = [layer.register_forward_hook(count) for layer in model.modules() if isinstance(layer, kinds)]
    with torch.no_grad():
        loss_of(model, torch.zeros(BATCH, PIXELS, device=next(model.parameters()).device))
    for hook in hooks:
        hook.remove()
    return 3 * sum(layers) - layers[0]


def adam(parameters, device):
    """Adam in as few launches as this PyTorch can: fused from 2.0 on, always fit for a CUDA graph."""
    for options in ({"fused": True, "capturable": True}, {"capturable": True}, {}):
        if options and device.type != "cuda":
            continue
        try:
            return torch.optim.Adam(parameters, lr=1e-3, **options), options
        except (TypeError, RuntimeError):
            continue
    raise RuntimeError("no Adam here")


def training_step(name, mode, device):
    """A function that takes one step and returns the loss, as a tensor on the device."""
    torch.manual_seed(1)
    model = MODELS[name]().to(device)
    optimizer, options = adam(model.parameters(), device)
    images = torch.randint(0, 256, (IMAGES, PIXELS), dtype=torch.uint8, device=device)
    flops = step_flops(model)
    loss_function = loss_of
    if "compiled" in mode:
        if not hasattr(torch, "compile"):
            raise NotImplementedError(f"torch.compile came with PyTorch 2.0, and this is {torch.__version__}")
        torch._dynamo.reset()  # it keeps eight versions of a function, and would run a ninth uncompiled
        loss_function = torch.compile(loss_of)

    def step():
        picked = torch.randint(0, IMAGES, (BATCH,), device=device)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_function(model, images[picked].float() / 255)
        loss.backward()
        optimizer.step()
        return loss.detach()

    step = captured(step, device) if "graph" in mode else step
    return step, flops, [f"Adam {json.dumps(options)}; flops of the products alone"]


def captured(step, device):
    """The step as one CUDA graph, replayed; its random numbers go on from replay to replay."""
    if device.type != "cuda":
        raise NotImplementedError("a CUDA graph needs CUDA")
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):  # what compiles or tunes at first use must not be recorded
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = step()

    def replay():
        graph.replay()
        return loss

    return replay


# A convolution 28 x 28 x 32 → 14 x 14 x 64, 3 x 3, stride 2, as in the peers' benchmark, here NCHW.
X, W, Y = (BATCH, 32, 28, 28), (64, 32, 3, 3), (BATCH, 64, 14, 14)
CONV_FLOPS = 2 * math.prod(Y) * math.prod(W[1:])


@functools.cache
def placeholder(shape, dtype, device):
    """The operand that a gradient does not read, but whose shape it asks for."""
    return torch.zeros(shape, dtype=dtype, device=device)


def conv_gradient(of):
    """One gradient of the convolution, by the function that autograd calls."""

    def gradient(a, b):
        unread = placeholder(X if of == "input" else W, a.dtype, a.device)
        x, w, dy = (unread, b, a) if of == "input" else (a, unread, b)
        wanted = [of == "input", of == "filter", False]
        arguments = (None, [2, 2], [1, 1], [1, 1], False, [0, 0], 1, wanted)
        return torch.ops.aten.convolution_backward(dy, x, w, *arguments)[0 if of == "input" else 1]

    return gradient


CONV_SHAPE = f"{BATCH}x28x28x32x64 k3 s2"
# --only's name, then kernel, variant and shape as reparam bench names them.
KERNELS = [
    *((f"matmul-{n}", "matmul", "cuBLAS or BLAS", f"{n}x{n}x{n} NN", torch.matmul, ((n, n), (n, n)), 2 * n**3)
      for n in (512, 1024, 4096)),
    ("conv", "conv", "forward", CONV_SHAPE, lambda x, w: F.conv2d(x, w, stride=2, padding=1), (X, W), CONV_FLOPS),
    ("conv-input-gradient", "conv", "input gradient", CONV_SHAPE, conv_gradient("input"), (Y, W), CONV_FLOPS),
    ("conv-filter-gradient", "conv", "filter gradient", CONV_SHAPE, conv_gradient("filter"), (X, Y), CONV_FLOPS),
]


def kernel_step(function, shapes, device):
    """A function that launches the kernel once, and its largest error against float64 as reparam bench measures it."""
    torch.manual_seed(1)
    a, b = (torch.rand(shape, device=device) * 2 - 1 for shape in shapes)
    result = function(a, b).double()
    exact = function(a.double(), b.double())
    error = ((result - exact).abs() / exact.abs().clamp_min(exact.square().mean().sqrt())).max().item()
    return lambda: function(a, b), error


def set_tf32(on):
    torch.backends.cuda.matmul.allow_tf32 = on
    torch.backends.cudnn.allow_tf32 = on


def seconds_of(run, device):
    """Wall clock of run["repeats"] steps to their end; keeps the last value."""
    set_tf32(run["tf32"])
    synchronise(device)
    start = time.perf_counter()
    for _ in range(run["repeats"]):
        run["last"] = run["step"]()
    synchronise(device)
    return time.perf_counter() - start


def synchronise(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def prepare(options, device):
    """All that is to be timed, with what cannot run among it as failed."""
    cuda = device.type == "cuda"
    precisions = [False, True] if cuda and torch.cuda.get_device_capability() >= (8, 0) else [False]
    only = options.only.split(",") if options.only else None
    wanted = lambda name: only is None or any(name.startswith(prefix) for prefix in only)
    modes = ["eager", "compiled", "graph", "compiled graph"] if cuda else ["eager", "compiled"]
    runs = []

    def add(entry, tf32, build):
        run = {"entry": {**entry, "tf32": tf32, "status": "ok", "notes": [], "maxRelativeError": None}, "tf32": tf32}
        run |= {"repeats": 1, "samples": []}
        try:
            set_tf32(tf32)
            build(run)
            seconds_of(run, device)  # compiles
            while seconds_of(run, device) < options.seconds and run["repeats"] < 4096:
                run["repeats"] *= 2
        except Exception as problem:  # whatever a compiler or a driver throws: the others go on
            run["entry"] |= {"status": "failed", "problem": (str(problem).strip() or repr(problem)).split("\n")[0][:300]}
        print(f"{entry['kernel']} {entry['variant']}, {entry['mode']}: {run['entry']['status']}", file=sys.stderr)
        runs.append(run)

    for tf32 in precisions:
        for name in filter(wanted, MODELS):
            for mode in modes:

                def build(run, name=name, mode=mode):
                    run["step"], run["entry"]["flops"], run["entry"]["notes"] = training_step(name, mode, device)

                entry = {"kernel": "training step", "variant": name, "shape": f"batch {BATCH}", "mode": mode}
                add(entry, tf32, build)
        for name, kernel, variant, shape, function, shapes, flops in KERNELS:
            if not wanted(name) or (name == "matmul-4096" and not cuda):  # half a minute a launch on some CPUs
                continue

            def build(run, function=function, shapes=shapes):
                run["step"], run["entry"]["maxRelativeError"] = kernel_step(function, shapes, device)

            entry = {"kernel": kernel, "variant": variant, "shape": shape, "mode": "eager", "flops": flops}
            add(entry, tf32, build)
    return runs


def timing(run):
    """Seconds a step: the fields of the benchmark's own timing that need no ceilings."""
    samples = sorted(run["samples"])
    at = lambda q: samples[round(q * (len(samples) - 1))]
    median = statistics.median(samples)
    flops = run["entry"]["flops"] / median
    return {"median": median, "p10": at(0.1), "p90": at(0.9), "repeats": run["repeats"], "flopsPerSecond": flops}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=MAX_ROUNDS, help=f"interleaved samples of each ({MAX_ROUNDS})")
    parser.add_argument("--seconds", type=float, default=0.2, help="least length of a sample (0.2)")
    parser.add_argument("--only", help="beginnings of the names to run: vae, conv-vae, matmul-512, conv, …")
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device.type == "cpu":
        print("No CUDA here: these are figures of the CPU", file=sys.stderr)
    torch.backends.cudnn.benchmark = True  # cuDNN tries its algorithms at the first launch

    runs = prepare(options, device)
    for _ in range(options.rounds):
        for run in runs:
            if run["entry"]["status"] == "ok":
                run["samples"].append(seconds_of(run, device) / run["repeats"])
    for run in runs:
        if run["samples"]:
            run["entry"]["time"] = timing(run)
        if run["entry"]["kernel"] == "training step" and run["samples"]:
            run["entry"]["lastLoss"] = run["last"].item()

    name = torch.cuda.get_device_name() if device.type == "cuda" else f"{platform.processor() or platform.machine()} CPU"
    report = {
        "event": "bench",
        "version": 1,
        "host": {"kind": "pytorch", "version": torch.__version__, "cuda": torch.version.cuda},
        "adapterName": name if device.type == "cuda" else f"{name}, {torch.get_num_threads()} threads (no GPU)",
        "clock": "wall clock",
        "rounds": options.rounds,
        "tf32": {"settings": sorted({run["tf32"] for run in runs}), "default": "matmul off, cuDNN on"},
        "kernels": [run["entry"] for run in runs],
    }
    print(json.dumps(report))


main()
