// ⌊n / d⌋ without the four `idiv` that SwiftShader spends on a u32 division: one product with 1/d. (n + ½)/d is at least ½/d away from every
// whole number, and the product's error is below n/d · 2⁻²¹, so it is exact for n < 2²⁰: SMALL says that no n is larger.

override SMALL: bool;

fn quotient(n: u32, d: u32) -> u32 {
  if (SMALL) {
    // By way of i32: conversions of u32 are several instructions.
    return u32(i32((f32(i32(n)) + 0.5) * (1.0 / f32(d))));
  }
  return n / d;
}
