import { ReparamError } from "../errors.ts";
import { activations } from "../nn/layers.ts";
import type { Node } from "../node/node.ts";
import { plainOptions } from "./dense-parts.ts";
import { family } from "./family.ts";
import { estimatedJacobian, sigmoidLayerJacobian, squaredJacobian } from "./jacobian.ts";
import { choice, count, size, weight, widths } from "./options.ts";
import { type PlainSeen, plain } from "./plain.ts";
import { tiedParts } from "./tied-parts.ts";

const { loss, initializer } = plainOptions({ hidden: [256], latent: 32 });

/**
 * Contractive autoencoder: codes that hardly move when an example does. The decoder has the encoder's weights, transposed: with
 * its own, large ones could undo an encoder that only makes its codes small.
 */
export const contractiveAe = family({
  name: "contractive-ae",
  title: "Contractive",
  purpose: "squeeze",
  summary: "autoencoder whose code hardly changes when a picture changes a little",
  words:
    "Pays for every way in which a small change of a picture would change the code. What is left in the code are the changes that matter, from one picture to the next.",
  formula: "error(x, decode(encode(x))) + contractionWeight · ‖∂encode(x)/∂x‖²",
  source: "Rifai, Vincent, Muller, Glorot and Bengio 2011, https://icml.cc/2011/papers/455_icmlpaper.pdf",
  reads: ["x"],
  options: {
    hidden: widths([], "widths of the encoder's hidden layers; the decoder has them in reverse"),
    latent: { ...size(128, "numbers in a code"), sensibleFrom: 32 },
    activation: choice(activations, "sigmoid", "what follows each layer, the code's too, but not the decoder's last"),
    loss,
    initializer,
    contractionWeight: weight(1, "weight of the squares of all derivatives of the code"),
    directions: count(
      0,
      "random directions of the code by which these squares are estimated: cheaper for encoders of several layers; 0 takes all of them, exactly",
    ),
  },
  presets: {
    "contractive-ae": { summary: "784-128 sigmoid, and the same weights back; derivatives in closed form" },
    "deep-contractive-ae": {
      summary: "784-256-64 tanh, and the same weights back; derivatives along one random direction",
      options: { hidden: [256], latent: 64, activation: "tanh", directions: 1 },
    },
  },
  training: { optimizer: { learningRate: 3e-3 } },
  build: ({ hidden, latent, activation, loss, initializer, contractionWeight, directions }, { fields: { x } }) => {
    const { encoder, decoder } = tiedParts(x, { hidden, latent, activation, initializer });
    const closed = hidden.length === 0 && activation === "sigmoid";
    if (closed && directions > 0) {
      const sentence =
        "the derivatives of one sigmoid layer have a closed form, which no directions can be cheaper than";
      throw new ReparamError("config", `contractive-ae: ${sentence}: leave directions at 0.`);
    }
    const contraction = ({ x, code, pass }: PlainSeen): Node => {
      if (closed) return sigmoidLayerJacobian(code, encoder.parameters[0].node);
      const encode = (from: Node) => encoder.apply(from, pass);
      if (directions === 0) return squaredJacobian(encode, x, latent);
      return estimatedJacobian(encode, x, directions, () => pass.noise("direction"));
    };
    return plain({
      x,
      latent,
      loss,
      encoder,
      decoder,
      extras: { contraction: { weight: contractionWeight, unit: "", of: contraction } },
    });
  },
});
