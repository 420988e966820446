#!/usr/bin/python3
"""Makes vae.safetensors: ten Adam steps of a small variational autoencoder, computed by PyTorch in float64.

The model is the VAE of pytorch/examples (https://github.com/pytorch/examples/tree/main/vae) at 36-32-5-32-36, with one
encoder output layer whose first LATENT columns are the mean and whose next LATENT columns are the log-variance:

    h = relu(x . encoder.0);  [mean | logVariance] = h . encoder.out;  z = mean + exp(logVariance / 2) * epsilon
    logits = relu(z . decoder.0) . decoder.out
    reconstruction = sum over pixels of BCE with logits;  kl = 1/2 sum(mean^2 + exp(logVariance) - 1 - logVariance)
    loss = mean over the batch of (reconstruction + kl), nats an example; Adam 1e-3, betas (.9, .999), eps 1e-8

The file holds, in float32:
    x [10, 16, 36] in [0, 1], exact zeros and ones among them; epsilon [10, 16, 5]: batch and noise of each step
    initial.<parameter>   before step 1; weights are [in, out], transposed from PyTorch's
    gradient.<parameter>  of step 1's loss
    final.<parameter>     after step 10
and in __metadata__ the JSON texts `losses` {loss, reconstruction, kl: ten numbers each, float64, taken before each
update} and `config`. Inputs and initial weights are drawn in float32, so an engine in float32 starts from exactly the
same numbers. The script repeats the run in float32 and prints how far that lands from float64: the scale for tolerances.

Run again with Debian's python3-torch (1.13):  python3 tests/golden/make_vae.py
"""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional

from fixture import write_safetensors

INPUT, HIDDEN, LATENT, BATCH, STEPS = 36, 32, 5, 16, 10
ADAM = {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8}
SEED = 1


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleDict({"0": nn.Linear(INPUT, HIDDEN), "out": nn.Linear(HIDDEN, 2 * LATENT)})
        self.decoder = nn.ModuleDict({"0": nn.Linear(LATENT, HIDDEN), "out": nn.Linear(HIDDEN, INPUT)})

    def forward(self, x, epsilon):
        """x: [batch, INPUT], epsilon: [batch, LATENT] -> (reconstruction, kl), means over the batch in nats."""
        encoded = self.encoder["out"](functional.relu(self.encoder["0"](x)))
        mean, log_variance = encoded.split(LATENT, dim=1)
        z = mean + torch.exp(log_variance / 2) * epsilon
        logits = self.decoder["out"](functional.relu(self.decoder["0"](z)))
        reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        kl = 0.5 * (mean**2 + torch.exp(log_variance) - 1 - log_variance).sum() / len(x)
        return reconstruction, kl


def by_name(model, value):
    """{name: value(parameter) as a float64 array}, weight matrices turned to [in, out]."""
    return {name: value(parameter).detach().double().numpy().T.copy() for name, parameter in model.named_parameters()}


def train(initial, x, epsilon, dtype):
    """Ten Adam steps from the weights of `initial` in `dtype` -> (losses, gradients of step 1, weights after step 10)."""
    model = VAE().to(dtype)
    model.load_state_dict(initial)
    optimizer = torch.optim.Adam(model.parameters(), **ADAM)
    losses = {"loss": [], "reconstruction": [], "kl": []}
    for step in range(STEPS):
        reconstruction, kl = model(x[step].to(dtype), epsilon[step].to(dtype))
        loss = reconstruction + kl
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            gradients = by_name(model, lambda parameter: parameter.grad)
        optimizer.step()
        for name, value in (("loss", loss), ("reconstruction", reconstruction), ("kl", kl)):
            losses[name].append(value.item())
    return losses, gradients, by_name(model, lambda parameter: parameter)


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    initial_model = VAE()
    initial = initial_model.state_dict()
    template = torch.rand(INPUT) * 1.5 - 0.25  # shared by all examples: something to learn within ten steps
    x = (template + 0.3 * torch.randn(STEPS, BATCH, INPUT)).clamp(0, 1)
    epsilon = torch.randn(STEPS, BATCH, LATENT)

    losses, gradients, final = train(initial, x, epsilon, torch.float64)
    losses32, gradients32, final32 = train(initial, x, epsilon, torch.float32)

    tensors = {"x": x.numpy(), "epsilon": epsilon.numpy()}
    for prefix, arrays in (("initial", by_name(initial_model, lambda p: p)), ("gradient", gradients), ("final", final)):
        tensors.update({f"{prefix}.{name}": array for name, array in arrays.items()})
    config = {"input": INPUT, "hidden": [HIDDEN], "latent": LATENT, "batchSize": BATCH, "steps": STEPS, **ADAM, "seed": SEED}
    path = pathlib.Path(__file__).with_name("vae.safetensors")
    write_safetensors(path, tensors, {"losses": json.dumps(losses), "config": json.dumps(config)})

    print(f"{path.name}: {path.stat().st_size} bytes, loss {losses['loss'][0]:.6f} -> {losses['loss'][-1]:.6f}")
    for name in losses:
        print(f"  float32 {name}: relative error up to {max(abs(a / b - 1) for a, b in zip(losses32[name], losses[name])):.1e}")
    for label, low, high in (("gradient", gradients32, gradients), ("final", final32, final)):
        error = max(abs(low[name] - high[name]).max() / abs(high[name]).max() for name in high)
        print(f"  float32 {label}: error up to {error:.1e} of the tensor's largest element")


main()
