import type { DeviceProfile } from "../gpu/profile.ts";
import type { Node, Shape } from "../node/node.ts";
import type { Launch } from "../plan/launch.ts";
import { imagesFrame } from "../shaders/images/frame.generated.ts";
import type { Shader } from "../shaders/shader.ts";
import { linearGrid, MAX_WORKGROUPS } from "./geometry.ts";
import { type Hooks, link } from "./link.ts";

/** Values a thread handles at once: vec4f where the innermost extent allows it, else single numbers. */
export const lanesOf = (innermost: number): 1 | 4 => (innermost % 4 === 0 ? 4 : 1);

interface ValueSizes {
  readonly lanes: 1 | 4;
  /** Numbers in the result. */
  readonly items: number;
  readonly arrays: Readonly<Record<string, number>>;
  readonly others?: Readonly<Record<string, string>>;
}

/**
 * A shader with one thread for each of ITEMS results, and one text for vec4f and f32: its hook `sizes` declares
 * `Value`, `Bits` (the same of u32), an alias for each array of Values, whose lengths in numbers are `arrays`, and
 * `others` as they are.
 */
export function valueKernel(
  shader: Shader,
  { lanes, items, arrays, others }: ValueSizes,
  constants: Readonly<Record<string, number>>,
  textOf = (hooks: Hooks) => link(shader, hooks),
): Pick<Launch, "kernel" | "code" | "constants" | "workgroups"> {
  const aliases = {
    Value: lanes === 4 ? "vec4f" : "f32",
    Bits: lanes === 4 ? "vec4u" : "u32",
    ...Object.fromEntries(Object.entries(arrays).map(([name, size]) => [name, `array<Value, ${size / lanes}>`])),
    ...others,
  };
  const sizes = Object.entries(aliases).map(([name, type]) => `alias ${name} = ${type};\n`);
  return {
    kernel: shader.path.replace(/\.wgsl$/, ""),
    code: textOf({ sizes: sizes.join("") }),
    constants: { ITEMS: items / lanes, ...constants },
    workgroups: linearGrid(items / lanes, 64),
  };
}

/** Images that a thread of a software adapter has, at most: its index arithmetic is dearer than the threads it has to fill. */
const SOFTWARE_IMAGES = 32;

/**
 * A `valueKernel` over images: shaders/images/frame.wgsl with an operation, whose file names the kernel. `result` is the
 * result's shape [batch, H, W, C].
 */
export function imageKernel(
  operation: Shader,
  { lanes, result, arrays }: { lanes: 1 | 4; result: Shape; arrays: ValueSizes["arrays"] },
  constants: Readonly<Record<string, number>>,
  { software }: DeviceProfile,
): ReturnType<typeof valueKernel> {
  const [batch, height, width, channels] = result;
  const each = valueKernel(
    operation,
    { lanes, items: height * width * channels, arrays },
    { IMAGES: batch, RESULT_WIDTH: width, CHANNELS: channels / lanes, ...constants },
    (hooks) => link(imagesFrame, { operation: { imports: [operation] }, ...hooks }),
  );
  const threads = Math.min(software ? Math.ceil(batch / SOFTWARE_IMAGES) : batch, MAX_WORKGROUPS);
  return { ...each, workgroups: [each.workgroups[0], each.workgroups[1], threads] };
}

/** `2x(28x28x8 -> 14x14x8)`: what goes in and out of an op over images of one batch. */
export const imagesToImages = ({ inputs: [x], shape }: Node): string =>
  `${shape[0]}x(${x.shape.slice(1).join("x")} -> ${shape.slice(1).join("x")})`;
