/** What docs/families.md says of each family beside its statement: when to choose it, and what it is held to. */
export interface FamilyNotes {
  readonly choose: string;
  readonly heldTo: string;
}

export const familyNotes: Readonly<Record<string, FamilyNotes>> = {
  aae: {
    choose: "for codes that are spread as a prior is, whatever that is, where a game may be balanced by hand",
    heldTo:
      "codes of Gaussian data with variances within 0.25 of 1, a discriminator's loss of 2 ln 2, and two optimizers of the encoder that are Adam's in float64",
  },
  ae: {
    choose:
      "to compress, or to find features, where nothing has to be drawn from noise; linear for a plane of components",
    heldTo:
      "principal components of MNIST for 2, 10 and 32 numbers: error within 1e-3 above the exact one, and the same subspace; with L2, the closed form of shrunk components",
  },
  "beta-tc-vae": {
    choose: "where single numbers of a code are to mean single things, and a discriminator is too much to balance",
    heldTo:
      "the exact three parts of a KL divergence, also of the real rows of a ragged batch, and a loss with each part by its weight",
  },
  "contractive-ae": {
    choose: "for features that small changes of an example do not touch",
    heldTo:
      "an exact penalty and its gradient in closed form, which double differentiation gives as well to 1e-12, and finite differences for deeper encoders; codes that move less than those of the same autoencoder without it, also beside their spread",
  },
  "conv-ae": {
    choose: "for images, where codes are to compress and nothing has to be drawn from noise",
    heldTo:
      "PyTorch's gradients of its layers, and kernels that copy: each number of the smallest image comes out repeated",
  },
  "conv-denoising-ae": {
    choose: "to clean images; nearest up-sampling where transposed convolutions leave a checkerboard",
    heldTo: "the same layers as conv-ae, and the noise of denoising-ae",
  },
  "anomaly-ae": {
    choose: "to find what is not normal where there are normal examples enough: each example has a score",
    heldTo:
      "TensorFlow's detector of heartbeats on ECG5000: threshold 0.032 ± 0.003, accuracy 94 ± 1.5 %, precision 99 ± 1 %, recall 90 ± 3 %",
  },
  "conv-vae": {
    choose: "for images, where neighbouring pixels belong together: fewer weights and sharper edges than dense layers",
    heldTo:
      "PyTorch's gradients of its layers, the losses of the same steps in other engines, and the third epoch of Keras's example within 3 %",
  },
  cvae: {
    choose: "where classes are known and an example of a class is wanted; a small code leaves the class to the label",
    heldTo: "of 100 samples of each class, 99 or more are taken for that class by a classifier of 99.4 %",
  },
  "denoising-ae": {
    choose: "to clean data, or to keep a code that is wider than the data from becoming a copy",
    heldTo: "the closed form of a linear denoiser: 27.380120 on MNIST, exactly 27.379992",
  },
  "factor-vae": {
    choose:
      "where single numbers of a code are to mean single things, and data are many: its estimate does not depend on the batch",
    heldTo:
      "the total correlation of two correlated normal numbers, −½ ln(1 − ρ²), which the discriminator finds, and permutations in which every place is as likely",
  },
  "flow-vae": {
    choose: "where a normal posterior is too narrow a family, and a closer bound is worth the steps of a flow",
    heldTo:
      "exact steps and log-determinants of both flows, and nine tenths of the gap to ln p(x) that a normal posterior leaves where codes are correlated",
  },
  gan: {
    choose: "for sharp samples, where no code of an example is needed and a run may be tried more than once",
    heldTo:
      "p / (p + q) of a known pair of Gaussians, losses of 2 ln 2 and ln 2 in equilibrium, gradients of the other player exactly zero; a penalty of ‖w‖² for a linear discriminator; all eight modes of the ring",
  },
  "expression-vae": {
    choose: "for tables of thousands of columns and few rows, such as gene expression",
    heldTo: "on counts made from three factors, its codes have canonical correlations above 0.9 with all three",
  },
  iwae: {
    choose: "for a bound that is nearer to ln p(x), at the price of several codes an example",
    heldTo:
      "bounds of one, two and three codes known exactly, and ln p(x) without any noise where the posterior is exact",
  },
  memoriser: {
    choose: "to see what a decoder can draw at all, or for codes of the training examples without an encoder",
    heldTo: "fed with ones, one image to a mean squared error below 1e-4; linear, from one-hot codes, to below 1e-10",
  },
  rae: {
    choose: "to draw new examples without noise in training, by `sample --from mixture`",
    heldTo:
      "the closed form of a linear one, √(2 λ b w) − b w / 2 of a component of variance λ, within 1e-3; the gradient of a linear decoder, which is its weights",
  },
  "semantic-hashing": {
    choose: "to find what is alike in very many examples: codes are compared by their bits, and take some bytes each",
    heldTo:
      "noise of the stated deviation; on digits nearer to bits than without noise, and of the nearest by 16 bits more of the same class than by bits of principal components",
  },
  "sliced-wae": {
    choose: "where `wae` fits and no kernel should have to be chosen; codes look as they must from every side",
    heldTo:
      "the distance of sorted projections and its slope, on the GPU as in float64, whatever the rows that do not count; codes whose variances are within 0.25 of 1",
  },
  "sparse-ae": {
    choose: "for features that mean something one by one, from a code that may be wider than the data need",
    heldTo:
      "the exact divergence and gradient for a target of 0.05, over the examples of a ragged batch alone; exactly k numbers that pass; on digits a mean of the codes within 0.01 of 0.05 and none dead",
  },
  "stacked-denoising-ae": {
    choose: "for deep codes with few labels: layers are learnt one by one, and a softmax head names the classes",
    heldTo: "during a layer's stage no other layer's weights move by a bit",
  },
  vae: {
    choose: "to draw new examples, walk between them, and say how likely one is",
    heldTo:
      "the ten epochs of pytorch/examples on MNIST, and the closed-form ELBO of a linear one: −743.186 with a KL of 4.334",
  },
  "vampprior-vae": {
    choose: "where codes are to lie in clusters rather than in one normal cloud, and to be drawn from them",
    heldTo: "the density of a code as the mixture of the posteriors, and codes drawn from every component alike",
  },
  "vq-vae": {
    choose: "for codes that are whole numbers: to compress, or as the words of a model of sequences",
    heldTo:
      "exact ids, losses, gradients, perplexity and moving averages of five points and four codes, and tokens that decode to the reconstruction",
  },
  wae: {
    choose: "for sharper samples than a variational one draws, without a game, and with batches that are not small",
    heldTo:
      "exact discrepancies of two samples under both kernels, and codes of Gaussian data with variances within 0.25 of 1",
  },
};
