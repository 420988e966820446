import { denseOptions, denseParts } from "./dense-parts.ts";
import { family } from "./family.ts";
import type { Flow } from "./inference.ts";
import { type AutoregressiveParts, inverseAutoregressiveFlow } from "./inverse-autoregressive-flow.ts";
import { choice, size, weight } from "./options.ts";
import { planarFlow } from "./planar-flow.ts";
import { variational } from "./variational.ts";
import { boundOptions, chosen } from "./variational-options.ts";

const flows = {
  inverseAutoregressive: inverseAutoregressiveFlow,
  planar: planarFlow,
} as const satisfies Record<string, (parts: AutoregressiveParts) => Flow>;

/** Variational autoencoder whose posterior is a normal one that was sent through invertible functions. */
export const flowVae = family({
  name: "flow-vae",
  title: "Variational with flows",
  purpose: "sample",
  summary: "variational autoencoder whose posterior is bent by a normalizing flow",
  words:
    "Bends each picture's cloud of codes into the shape that suits it. A round cloud is often too simple for what a picture may mean.",
  formula: "−E[ln p(x | z)] + klWeight · E[ln q(z₀ | x) − ln |det ∂z/∂z₀| − ln N(z; 0, 1)], z = f(z₀, x)",
  source:
    "Rezende and Mohamed 2015, https://arxiv.org/abs/1505.05770; Kingma et al. 2016, https://arxiv.org/abs/1606.04934",
  reads: ["x"],
  options: {
    ...denseOptions({ hidden: [400], latent: 20 }),
    flow: choice(
      flows,
      "inverseAutoregressive",
      "inverseAutoregressive: each number of a code is moved by those before it; planar: all along one direction",
    ),
    steps: size(4, "how many such functions one after another"),
    width: size(64, "width of the hidden layer of each inverseAutoregressive step"),
    ...boundOptions,
    klWeight: weight(
      { name: "linear", to: 1, steps: 2000 },
      "weight of the KL term: it rises, as in the paper of planar steps, so that codes say something before they are bent",
    ),
  },
  presets: {
    "flow-vae": { summary: "784-400-20, Bernoulli pixels, four inverse autoregressive steps of width 64" },
    "flow-vae-planar": {
      summary: "784-400-20, Bernoulli pixels, ten planar steps",
      options: { flow: "planar", steps: 10 },
    },
  },
  build: ({ hidden, latent, activation, initializer, flow: kind, steps, width, ...choices }, { fields: { x } }) => {
    const { parts, encoded, decoded } = chosen(x, latent, choices);
    const flow = flows[kind]({ latent, steps, width, initializer });
    return variational({
      ...parts,
      flow,
      ...denseParts(x, { hidden, latent, encoded: encoded + flow.context, decoded, activation, initializer }),
    });
  },
});
