// x as the nearest 16-bit float, as f32: 11 significant bits, ties to even, multiples of 2⁻²⁴ below 2⁻¹⁴. NaN for NaN and for what would
// be infinite, |x| ≥ 65520: adapters may give anything there. What is left is exact to convert, so no adapter's own rounding matters.
fn round_half(x: f32) -> f32 {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let normal = (bits + 0xfffu + ((bits >> 13u) & 1u)) & 0xffffe000u;
  // In [½, 1) neighbouring f32 are 2⁻²⁴ apart. The sum is taken apart as an integer, so no compiler can cancel it.
  let steps = bitcast<u32>(bitcast<f32>(bits) + 0.5) - 0x3f000000u;
  let small = bitcast<u32>(f32(steps) * 5.960464477539063e-8);
  let rounded = select(select(normal, small, bits < 0x38800000u), 0x7fc00000u, bits >= 0x477ff000u);
  return bitcast<f32>(rounded | (bitcast<u32>(x) & 0x80000000u));
}

fn round_half4(x: vec4f) -> vec4f {
  return vec4f(round_half(x.x), round_half(x.y), round_half(x.z), round_half(x.w));
}
