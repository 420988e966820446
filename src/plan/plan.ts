import { alignColumns } from "../columns.ts";
import { siNumber } from "../units.ts";

/** A place in GPU memory: one of the plan's own slots, or a buffer that the caller binds by name. */
export type BufferReference = { readonly slot: number } | { readonly external: string };

export interface Binding {
  readonly buffer: BufferReference;
  /** Bytes from the start of the buffer; a multiple of 256. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
  readonly access: "read" | "read_write" | "uniform";
  /** What is read is copied into a storage texture of this format before the launch, which has that in the buffer's place. */
  readonly texture?: TextureFormat;
}

/** Texels of one number, or of four. */
export type TextureFormat = "r32float" | "rgba32float";

/** One kernel launch, as plain data. */
export interface Dispatch {
  /** Family and variant, such as `matmul/register`: the folder and file in `shaders/`. */
  readonly kernel: string;
  /** The values it computes, for people. */
  readonly label: string;
  /** Linked WGSL with the entry point `main`. */
  readonly code: string;
  /** Values of the WGSL `override` constants. */
  readonly constants: Readonly<Record<string, number>>;
  /** In the order of `@binding`, all in group 0. */
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [number, number, number];
  /** The problem's shape, for people: `128x784x400`. */
  readonly shape: string;
  readonly flops: number;
  /** Bytes read and written if every operand moves once. */
  readonly bytes: number;
  /** Of a product: its name, how it is computed, and who chose that (src/kernels/choice.ts). */
  readonly product?: { readonly name: string; readonly choice: string; readonly source: string };
}

/** What one run of a program does: dispatches in order, over slots whose sizes are known. */
export interface Plan {
  readonly dispatches: readonly Dispatch[];
  /** Sizes of the slots in bytes. */
  readonly slots: readonly number[];
  /** Where each output is, by name. */
  readonly outputs: Readonly<Record<string, { readonly binding: Binding; readonly shape: readonly number[] }>>;
}

/** Whether a launch is a matmul or a convolution: what a step's time should go to. */
export const isProduct = ({ kernel }: Pick<Dispatch, "kernel">): boolean => /^(matmul|conv)\//.test(kernel);

/** How the products of plans are computed, by name: what `DeviceProfile.choices` takes to compute them alike again. */
export const choicesOf = (...plans: readonly Plan[]): Record<string, string> =>
  Object.fromEntries(
    plans.flatMap(({ dispatches }) =>
      dispatches.flatMap(({ product }) => (product ? [[product.name, product.choice]] : [])),
    ),
  );

/** Texels in a row of a texture that a launch reads, as in shaders/matmul/textures.wgsl. */
export const TEXTURE_WIDTH = 4096;
/** Rows of a texture, by WebGPU's default limits. */
export const MAX_TEXTURE_HEIGHT = 8192;

const TEXEL_BYTES = { r32float: 4, rgba32float: 16 } as const satisfies Record<TextureFormat, number>;

/** Bytes in a row of a texture. */
export const rowBytes = (format: TextureFormat): number => TEXTURE_WIDTH * TEXEL_BYTES[format];

/** A texture that launches share, for one of their bindings. */
export interface SharedTexture {
  readonly binding: number;
  readonly format: TextureFormat;
  /** Rows that the largest of them needs. */
  readonly height: number;
}

/** The textures that launches read: one of each format for each binding, since launches run one after the other. */
export function texturesOf({ dispatches }: Pick<Plan, "dispatches">): SharedTexture[] {
  const shared = new Map<string, SharedTexture>();
  for (const { bindings } of dispatches) {
    bindings.forEach(({ texture: format, size }, binding) => {
      if (!format) return;
      const key = `${binding} ${format}`;
      const height = Math.max(shared.get(key)?.height ?? 0, Math.ceil(size / rowBytes(format)));
      shared.set(key, { binding, format, height });
    });
  }
  return [...shared.values()];
}

export const textureBytes = (plan: Pick<Plan, "dispatches">): number =>
  texturesOf(plan).reduce((sum, { format, height }) => sum + height * rowBytes(format), 0);

export const slotBytes = (plan: Plan): number => plan.slots.reduce((sum, bytes) => sum + bytes, 0);

/** The plan as a table for people: one line a dispatch, then the totals. */
export function printPlan(plan: Plan): string {
  const place = ({ buffer }: Binding) => ("slot" in buffer ? `#${buffer.slot}` : buffer.external);
  const rows = plan.dispatches.map((dispatch, index) => [
    String(index + 1),
    dispatch.kernel,
    dispatch.shape,
    dispatch.workgroups.join("x"),
    siNumber(dispatch.flops),
    siNumber(dispatch.bytes),
    `${dispatch.bindings
      .filter(({ access }) => access === "read")
      .map(place)
      .join(" ")} -> ${dispatch.bindings
      .filter(({ access }) => access === "read_write")
      .map(place)
      .join(" ")}`,
    dispatch.label,
  ]);
  const header = ["", "kernel", "shape", "workgroups", "FLOP", "bytes", "reads -> writes", "computes"];
  const flops = plan.dispatches.reduce((sum, dispatch) => sum + dispatch.flops, 0);
  const share = plan.dispatches.filter(isProduct).reduce((sum, d) => sum + d.flops, 0);
  return [
    ...alignColumns([header, ...rows]),
    `${plan.dispatches.length} dispatches, ${siNumber(flops)}FLOP (${((100 * share) / Math.max(flops, 1)).toFixed(1)} % in products), ` +
      `${plan.slots.length} slots of ${siNumber(slotBytes(plan))}B in all`,
  ].join("\n");
}
