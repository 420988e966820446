// Philox4x32-10, a counter-based generator: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011. The same (counter, key) gives the same four words everywhere, so noise needs no state and can be made again.
//
// In this project counter = (element block, stream of the node, step low, step high) and key = (seed low, seed high);
// block i serves elements 4i … 4i + 3.

// The 64-bit product as (high, low). WGSL has no high multiply, so it is built from 16-bit halves.
fn multiply_wide(a: u32, b: u32) -> vec2u {
  let a_low = a & 0xffffu;
  let a_high = a >> 16u;
  let b_low = b & 0xffffu;
  let b_high = b >> 16u;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u); // at most 2³² − 2¹⁶: no carry is lost
  let cross = a_low * b_high + (middle & 0xffffu); // likewise
  return vec2u(a_high * b_high + (middle >> 16u) + (cross >> 16u), a * b);
}

fn philox_round(counter: vec4u, key: vec2u) -> vec4u {
  let even = multiply_wide(0xd2511f53u, counter.x);
  let odd = multiply_wide(0xcd9e8d57u, counter.z);
  return vec4u(odd.x ^ counter.y ^ key.x, odd.y, even.x ^ counter.w ^ key.y, even.y);
}

// Four independent words of 32 uniform bits.
fn philox(counter: vec4u, key: vec2u) -> vec4u {
  var state = counter;
  var round_key = key;
  for (var i = 0u; i < 10u; i++) {
    state = philox_round(state, round_key);
    round_key += vec2u(0x9e3779b9u, 0xbb67ae85u); // golden ratio and √3 − 1
  }
  return state;
}

// Words to numbers uniform in (0, 1), both ends excluded: (x >> 9 + ½) · 2⁻²³. Only the top 23 bits, since with the half
// added 24 bits no longer fit an f32: (2²⁴ − 1 + ½) rounds to 2²⁴, which would make 1.
fn uniform4(bits: vec4u) -> vec4f {
  return (vec4f(bits >> vec4u(9u)) + 0.5) * 1.1920928955078125e-7;
}
