import { denseParts, plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { standardNormal } from "./inference.ts";
import { mmdKernels, squaredMmd } from "./mmd.ts";
import { choice, weight } from "./options.ts";
import { plain } from "./plain.ts";

/** Wasserstein autoencoder with the maximum mean discrepancy between the batch's codes and as many draws of the prior. */
export const wae = family({
  name: "wae",
  title: "Wasserstein",
  purpose: "sample",
  summary: "autoencoder whose codes of a batch must look like draws of a normal distribution",
  words:
    "Redraws pictures, and keeps the codes of all pictures together as spread as random ones. Each picture keeps one sharp code, so it draws sharper than a variational one.",
  formula: "error(x, decode(encode(x))) + mmdWeight · MMD²(codes, draws of N(0, 1))",
  source: "Tolstikhin, Bousquet, Gelly and Schoelkopf 2018, https://arxiv.org/abs/1711.01558",
  reads: ["x"],
  options: {
    ...plainOptions({ hidden: [512, 256], latent: 8 }),
    kernel: choice(mmdKernels, "imq", "how alike two codes are: rbf, or imq, which is felt further away"),
    mmdWeight: { ...weight(100, "weight of the discrepancy"), upTo: 1000 },
  },
  presets: {
    wae: { summary: "784-512-256-8, binary cross-entropy, inverse multiquadratic kernels" },
  },
  build: ({ hidden, latent, loss, kernel, mmdWeight, ...common }, { fields: { x } }) => {
    const prior = standardNormal(latent);
    return plain({
      x,
      latent,
      loss,
      prior,
      ...denseParts(x, { hidden, latent, ...common }),
      extras: {
        mmd: {
          weight: mmdWeight,
          unit: "",
          of: ({ code, batch, pass }) => squaredMmd(code, prior.draw(pass), { kernel, weight: batch.weight }),
        },
      },
    });
  },
});
