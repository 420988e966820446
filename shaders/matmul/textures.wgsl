// A and B in storage textures, into which they are copied before the launch (src/runtime/operand-textures.ts): element i, or vec4f i, is texel
// i % 4096 of row i / 4096. lavapipe reads a texel in a fraction of what it needs for a vec4f of a buffer: docs/notes-matmul.md.
@group(0) @binding(0) var A: MatrixA;
@group(0) @binding(1) var B: MatrixB;

const ROW_BITS = 12u;

fn place_of(i: u32) -> vec2u { return vec2u(i & ((1 << ROW_BITS) - 1), i >> ROW_BITS); }

fn read_a(i: u32) -> ReadA {
  let texel = textureLoad(A, place_of(i));
//#begin texel_a
  return texel;
//#end texel_a
}

fn read_b(i: u32) -> ReadB {
  let texel = textureLoad(B, place_of(i));
//#begin texel_b
  return texel;
//#end texel_b
}
