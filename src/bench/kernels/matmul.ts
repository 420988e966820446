import { ReparamError } from "../../errors.ts";
import { collect, type Graph } from "../../graph/graph.ts";
import { interpret } from "../../graph/interpret.ts";
import { defaultChoice, type ProductVariant, productVariants } from "../../kernels/choice.ts";
import { type MatmulProblem, matmulProduct } from "../../kernels/matmul.ts";
import { productKernel } from "../../kernels/product-kernel.ts";
import { input } from "../../ops/leaf.ts";
import { matmul as multiply } from "../../ops/matmul.ts";
import { externalBinding } from "../../plan/binding.ts";
import type { Plan } from "../../plan/plan.ts";
import { type BenchCase, planCase } from "../case.ts";
import { randomFloats } from "../data.ts";
import type { Family } from "../family.ts";
import { parseExtents } from "../shapes.ts";

/** The five products of a training step of `vae` at batch 128, a square one, and a batch of eight. */
const STANDARD = [
  "128x784x400",
  "128x400x784",
  "784x128x400 TN",
  "400x128x784 TN",
  "128x784x400 NT",
  "512x512x512",
  "8x128x64x128",
];
const LARGE = ["1024x1024x1024"];

export const matmul: Family = {
  summary: "C = A B; shapes are MxKxN or BATCHxMxKxN, with TN or NT where A or B is stored transposed",
  cases: ({ shapes, variants, large, profile }) =>
    (shapes ?? [...STANDARD, ...(large ? LARGE : [])]).flatMap((shape) => {
      const problem = parseProblem(shape);
      const data = matmulData(problem);
      const ladder = productVariants(matmulProduct({ ...problem, profile }));
      return (variants ? ladder : ladder.slice(0, 1)).map((variant) => matmulCase(problem, variant, data));
    }),
  graphs: (shapes = STANDARD) => shapes.map((shape) => matmulGraph(parseProblem(shape))),
};

type Problem = Omit<MatmulProblem, "profile" | "epilogue" | "batch"> & { readonly batch: number };

const layoutOf = ({ transposeA, transposeB }: Problem) => (transposeA ? "TN" : transposeB ? "NT" : "NN");

function parseProblem(text: string): Problem {
  const [extents, layout = "NN"] = text.trim().split(/[ :]+/);
  const batched = extents.split("x").length === 4;
  const [batch, m, k, n] = batched
    ? parseExtents(extents, ["BATCH", "M", "K", "N"])
    : [1, ...parseExtents(extents, ["M", "K", "N"])];
  if (!["NN", "TN", "NT"].includes(layout.toUpperCase())) {
    throw new ReparamError("usage", `The layout "${layout}" of the shape "${text}" is none of NN, TN and NT.`);
  }
  return { batch, m, k, n, transposeA: layout.toUpperCase() === "TN", transposeB: layout.toUpperCase() === "NT" };
}

function matmulGraph({ batch, m, k, n, transposeA, transposeB }: Problem): Graph {
  const lead = batch > 1 ? [batch] : [];
  const a = input("A", [...lead, ...(transposeA ? [k, m] : [m, k])]);
  const b = input("B", [...lead, ...(transposeB ? [n, k] : [k, n])]);
  return collect({ C: multiply(a, b, { transposeA, transposeB }) });
}

/** Operands and the float64 product, made once for all variants. */
function matmulData(problem: Problem) {
  const { batch, m, k, n } = problem;
  const operands = { A: randomFloats(batch * m * k, 1), B: randomFloats(batch * k * n, 2) };
  let product: Float64Array | undefined;
  const reference = () => interpret(matmulGraph(problem), { feeds: operands }).C;
  return { operands, product: () => (product ??= reference()) };
}

function matmulCase(problem: Problem, variant: ProductVariant, data: ReturnType<typeof matmulData>): BenchCase {
  const { batch, m, k, n } = problem;
  const shape = `${batch > 1 ? `${batch}x` : ""}${m}x${k}x${n} ${layoutOf(problem)}`;
  return planCase({
    kernel: "matmul",
    variant,
    shape,
    buffers: () => ({ ...data.operands, C: 4 * batch * m * n }),
    expected: () => ({ C: data.product() }),
    plan: ({ profile }): Plan => {
      const operand = (name: string, elements: number, access: "read" | "read_write") =>
        externalBinding(name, Math.ceil(elements / 4) * 16, access);
      const C = operand("C", batch * m * n, "read_write");
      const product = matmulProduct({ ...problem, profile });
      const {
        slices: _,
        launches,
        textures,
        ...kernel
      } = productKernel(product, { choice: defaultChoice(product, variant) });
      const dispatches = launches.map((launch) => ({
        ...kernel,
        ...launch,
        label: "C = A B",
        bindings: [
          { ...operand("A", batch * m * k, "read"), texture: textures.a },
          { ...operand("B", batch * k * n, "read"), texture: textures.b },
          C,
        ],
        shape,
        flops: (2 * batch * m * n * k) / launches.length,
        bytes: (4 * batch * (m * k + k * n + m * n)) / launches.length,
      }));
      return { dispatches, slots: [], outputs: { C: { binding: C, shape: [batch * m, n] } } };
    },
  });
}
