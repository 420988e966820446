import type { DeviceProfile } from "../gpu/profile.ts";
import { linearGrid } from "./geometry.ts";
import { link } from "./link.ts";

/** C[M, N] = op(A) · op(B), of which at most one operand is transposed. */
export interface MatmulProblem {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** A is stored [K, M]. */
  readonly transposeA: boolean;
  /** B is stored [N, K]. */
  readonly transposeB: boolean;
  readonly profile: DeviceProfile;
  /** What follows on the accumulated sums before they are stored; only where N is a multiple of 4. */
  readonly epilogue?: { readonly bindings: string; readonly body: string };
}

export type MatmulVariant = "subgroup" | "register" | "general";

/** Rows and columns of C that one invocation (for `subgroup`: a quad of four) owns. */
const TILE: Readonly<Record<MatmulVariant, number>> = { subgroup: 16, register: 8, general: 4 };

/** Invocations that share a tile. */
const TEAM: Readonly<Record<MatmulVariant, number>> = { subgroup: 4, register: 1, general: 1 };

/** Invocations a workgroup on software adapters, as measured (docs/notes-matmul.md); 64 fills the warps of a GPU. */
const SOFTWARE_WORKGROUP: Readonly<Record<MatmulVariant, number>> = { subgroup: 8, register: 4, general: 16 };

/** Whether the styles with vec4f loads can read and write these matrices. */
function isAligned({ m, n, k, transposeA }: MatmulProblem): boolean {
  return n % 4 === 0 && (transposeA ? m : k) % 4 === 0;
}

export function matmulVariants(problem: MatmulProblem): MatmulVariant[] {
  if (!isAligned(problem)) return ["general"];
  return problem.profile.subgroups ? ["subgroup", "register", "general"] : ["register", "general"];
}

/** The matmul kernel for a problem: its text, constants and geometry. `variant` overrules the choice. */
export function matmulKernel(problem: MatmulProblem, variant: MatmulVariant = matmulVariants(problem)[0]) {
  const { m, n, k, transposeA, transposeB, epilogue } = problem;
  const workgroup = problem.profile.software ? SOFTWARE_WORKGROUP[variant] : 64;
  const tiles = Math.ceil(m / TILE[variant]) * Math.ceil(n / TILE[variant]);
  const length = (elements: number) => `array<vec4f, ${elements / 4}>`;
  const sizes = variant !== "general" && {
    sizes: `alias MatrixA = ${length(m * k)};\nalias MatrixB = ${length(k * n)};\nalias MatrixC = ${length(m * n)};\n`,
  };
  const hook = epilogue && {
    epilogue: `${epilogue.bindings}fn epilogue(accumulator: vec4f, row: u32, column: u32) -> vec4f {\n${epilogue.body}}\n`,
  };
  const libraries = epilogue ? EPILOGUE_LIBRARIES : "";
  const shader = link(`matmul/${variant}.wgsl`, { ...sizes, ...hook });
  return {
    kernel: `matmul/${variant}`,
    code:
      variant === "subgroup"
        ? `enable subgroups;\n${libraries}${shader.replace("enable subgroups;\n", "")}`
        : libraries + shader,
    constants: {
      M: m,
      N: n,
      K: k,
      TRANSPOSE_A: Number(transposeA),
      TRANSPOSE_B: Number(transposeB),
      WORKGROUP: workgroup,
    },
    workgroups: linearGrid(tiles * TEAM[variant], workgroup),
  };
}

/** What the expressions of an epilogue may call. */
const EPILOGUE_LIBRARIES = link("elementwise/libraries.wgsl");
