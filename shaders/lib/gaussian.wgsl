//#import lib/math.wgsl
//#import lib/philox.wgsl
// Standard normal numbers from uniform bits: Box and Muller, "A note on the generation of random normal deviates", 1958.
// With our own log and sincos, so that adapters differ in the last bits only. |value| <= √(2 ln 2²⁴) = 5.77.

fn box_muller(radius_uniform: f32, turns: f32) -> vec2f {
  let sine_cosine = safe_sincos_turns(turns);
  return sqrt(-2.0 * log_of_normal(radius_uniform)) * sine_cosine.yx;
}

// bits.x gives the radius and bits.y the angle of the first two (cosine, then sine); bits.z and bits.w those of the others.
fn gaussian4(bits: vec4u) -> vec4f {
  let u = uniform4(bits);
  return vec4f(box_muller(u.x, u.y), box_muller(u.z, u.w));
}
