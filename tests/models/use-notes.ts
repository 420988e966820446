/** What docs/models.md says of each use: the commands that have it, in the order in which one meets them. */
export const useNotes: readonly { readonly uses: readonly string[]; readonly command: string }[] = [
  {
    uses: ["sample"],
    command:
      "`reparam sample last --count 64`, `--label 3` where it knows classes; `--from` for [other codes](#codes-to-draw-from)",
  },
  {
    uses: ["reconstruct"],
    command: "`reparam reconstruct last`; of a memoriser the training examples, by their places",
  },
  {
    uses: ["encode", "decode"],
    command:
      "`reparam encode last --out codes.npy`, `reparam decode last codes.npy`; `--bits 8` for [few bytes](#codes-in-few-bytes), `--bits 1` of semantic-hashing; the codes of vq-vae are tokens, whole numbers",
  },
  {
    uses: ["score"],
    command:
      "`reparam score last --out scores.csv`: the mean error of each example's numbers; [`eval --anomaly`](#anomalies) judges by it",
  },
  {
    uses: ["logLikelihood"],
    command:
      "`reparam eval last --samples 500`: ln p(x) in nats an example, by importance sampling with so many codes, rounded up to a multiple of 16; with `binarisation` of one draw of zeros and ones",
  },
  {
    uses: ["posterior"],
    command:
      "`reparam posterior last`: of each example the mean of its code and the standard deviations, `[rows, 2, latent]`; with a full covariance its Cholesky factor, `[rows, 1 + latent, latent]`",
  },
  {
    uses: ["corrupt"],
    command: "`reparam corrupt last`; pictures and report: the strip of clean, spoilt and repaired",
  },
  { uses: ["binarise"], command: "what `eval --samples` makes zeros and ones of images by" },
  {
    uses: ["classify"],
    command: "`reparam classify last`: the probability of each class, as a NumPy array, and how many are wrong",
  },
];
