// Elementary functions in f32 that are accurate on every adapter. The builtins need not be: on software adapters exp was
// off by 4e-6, log by 40-70 % close to 1, exp(x) − 1 and tanh(x) by more than x close to 0, and tanh(100) was NaN.
//
// Largest error, measured on SwiftShader and lavapipe over every binade and densely within ±110:
//   relative 2e-7   exp, expm1, tanh, sigmoid, log, softplus, elu; silu above −87
//   relative 6e-7   exp_residual
//   absolute 4e-7   gelu; 2e-7 both gradients (they have a zero); 1.2e-6 silu where x is near 9, a rounding of 9
//
// NaN in gives NaN out: bounds are set by `select` on an ordered comparison, which NaN fails, while min, max and clamp
// return their other argument. Overflow goes to infinity as in IEEE 754; WGSL allows any value there, so nothing here
// relies on it: tanh, sigmoid, softplus and gelu bound their arguments first. Subnormals may be flushed to 0.
//
// Every function has a scalar form and, under the same name with a 4, one for vec4f. Software adapters run each
// component apart anyway, and GPUs are scalar machines, so the second simply calls the first four times.
// Products and sums are left to the compiler to contract: fma() was no quicker on either software adapter.

// ---------------------------------------------------------------------------------------------- exponentials

const LOG2_E = 1.4426950408889634;
// ln 2 in two parts; the first has 9 bits, so that n * LN2_HIGH is exact for every exponent n.
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444005469058e-4;

// eˣ = 2ⁿ (1 + r + tail) with |r| <= ln(2)/2 and tail = eʳ − 1 − r
struct ExpParts {
  n: i32,
  r: f32,
  tail: f32,
}

// |x| <= 110. The polynomial is minimax for (eʳ − 1 − r) / r², 1.4e-8 relative in eʳ − 1.
fn exp_parts(x: f32) -> ExpParts {
  // Adding 1.5 · 2²³ leaves the rounded product in the low bits: n without a float-to-integer conversion, which WGSL
  // saturates (exp took 1.4 times as long on lavapipe). It comes back from the integer, so reassociation cannot undo it.
  let integer = bitcast<i32>(x * LOG2_E + 12582912.0) - 0x4b400000;
  let n = f32(integer);
  let r = (x - n * LN2_HIGH) - n * LN2_LOW;
  let q = 0.4999999701976776 + r * (0.1666654646396637 + r * (0.04166744276881218
    + r * (0.008366253226995468 + r * 0.0013869944959878922)));
  return ExpParts(integer, r, r * r * q);
}

// 2ⁿ for −126 <= n <= 127, and 0 for −127
fn power_of_two(n: i32) -> f32 {
  return bitcast<f32>((n + 127) << 23u);
}

// x within [low, high], and NaN as it is
fn bound(x: f32, low: f32, high: f32) -> f32 {
  return select(select(x, low, x < low), high, x > high);
}

// eˣ: 0 below −104, infinity above 88.73
fn safe_exp(x: f32) -> f32 {
  let parts = exp_parts(bound(x, -104.0, 89.0));
  return ldexp(1.0 + (parts.r + parts.tail), parts.n);
}

// 2ⁿ (1 + r + tail) − 1
fn expm1_of_parts(parts: ExpParts) -> f32 {
  let p = parts.r + parts.tail;
  let half_scale = power_of_two(parts.n - 1); // halved, so that n = 128 does not overflow too early
  return select(2.0 * (p * half_scale + (half_scale - 0.5)), p, parts.n == 0);
}

// eˣ − 1
fn safe_expm1(x: f32) -> f32 {
  return expm1_of_parts(exp_parts(bound(x, -30.0, 89.0)));
}

// eˣ − 1 − x, without the cancellation near 0, where it is x²/2
fn safe_exp_residual(x: f32) -> f32 {
  let parts = exp_parts(bound(x, -30.0, 89.0));
  return select(expm1_of_parts(parts) - x, parts.tail, parts.n == 0);
}

// tanh x = (e²ˣ − 1) / (e²ˣ + 1), odd to the bit
fn safe_tanh(x: f32) -> f32 {
  let twice = abs(x) + abs(x);
  let parts = exp_parts(select(twice, 20.0, twice > 20.0));
  let scale = power_of_two(parts.n);
  let expm1 = (parts.r + parts.tail) * scale + (scale - 1.0);
  let magnitude = expm1 / (expm1 + 2.0);
  return select(magnitude, -magnitude, x < 0.0);
}

// 1 / (1 + e⁻ˣ), with full relative accuracy in the lower tail
fn safe_sigmoid(x: f32) -> f32 {
  let t = safe_exp(-abs(x));
  let upper = 1.0 / (1.0 + t);
  return select(upper, t * upper, x < 0.0);
}

// ------------------------------------------------------------------------------------------------ logarithms

// ln(2ᵉ (1 + f)) for 1 + f within [√½, √2]. With s = f / (2 + f), ln(1 + f) = 2 atanh s = f − f²/2 + s (f²/2 + s² T(s²)):
// this form, rather than 2s + …, keeps the rounding of the division out of the leading terms. T is minimax, 8e-10.
fn log_of_parts(e: f32, f: f32) -> f32 {
  let s = f / (2.0 + f);
  let z = s * s;
  let t = z * (0.6666677594184875 + z * (0.39977574348449707 + z * 0.2987123727798462));
  let half_square = 0.5 * f * f;
  return e * LN2_HIGH + (f - (half_square - (s * (half_square + t) + e * LN2_LOW)));
}

// e of x = 2ᵉ m with m within [√½, √2), from the bits of a positive normal x: 0x3f3504f3 is √½
fn log_exponent(bits: u32) -> i32 {
  return bitcast<i32>(bits - 0x3f3504f3u) >> 23u;
}

// ln x for positive, normal, finite x only
fn log_of_normal(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let e = log_exponent(bits);
  return log_of_parts(f32(e), bitcast<f32>(bits - (bitcast<u32>(e) << 23u)) - 1.0);
}

fn is_positive_normal(bits: u32) -> bool {
  return bits - 0x00800000u < 0x7f000000u;
}

// What a logarithm gives where its argument is no positive normal number: −∞ at zero and the subnormals, NaN below, and
// +∞ and NaN as they are. Made from bits, since WGSL has no literal for these values.
fn log_of_special(bits: u32) -> f32 {
  let quiet_nan_if_negative = select(bits, bits | 0x7fc00000u, bits >= 0x80000000u);
  return bitcast<f32>(select(quiet_nan_if_negative, 0xff800000u, (bits & 0x7f800000u) == 0u));
}

// ln x: −∞ at 0, NaN below
fn safe_log(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  return select(log_of_special(bits), log_of_normal(x), is_positive_normal(bits));
}

// ln(1 + t) for 0 <= t <= 1
fn log1p_of_unit(t: f32) -> f32 {
  let large = t > 0.41421356;
  return log_of_parts(select(0.0, 1.0, large), select(t, 0.5 * t - 0.5, large)); // (1 + t) / 2 − 1 is exact
}

// ln(1 + eˣ)
fn safe_softplus(x: f32) -> f32 {
  return max(x, 0.0) + log1p_of_unit(safe_exp(-abs(x)));
}

// ----------------------------------------------------------------------------------- the normal distribution

// Φ(−a) · exp(a²/2) for a >= 0, Φ the distribution function of the standard normal: t P(t) with t = 1 / (1 + .305 a), the
// form of Abramowitz and Stegun 26.2.17; coefficients minimax on [0, 13.2], 1e-7 relative.
fn scaled_normal_tail(a: f32) -> f32 {
  let t = 1.0 / (1.0 + 0.3050000071525574 * a);
  let low = 0.12163973599672318 + t * (0.1224668100476265 + t * (0.10342094302177429 + t * 0.12102138996124268));
  let high = -0.0379762127995491 + t * (0.1857161670923233 + t * (-0.15298786759376526 + t * 0.0366990827023983));
  let t2 = t * t;
  return t * (low + t2 * t2 * high);
}

// x Φ(x): the exact form, not the one with tanh
fn safe_gelu(x: f32) -> f32 {
  let tail = safe_exp(-0.5 * x * x) * scaled_normal_tail(abs(x));
  return x * select(1.0 - tail, tail, x < 0.0);
}

// Φ(x) + x φ(x)
fn safe_gelu_gradient(x: f32) -> f32 {
  let e = safe_exp(-0.5 * x * x);
  let tail = e * scaled_normal_tail(abs(x));
  return select(1.0 - tail, tail, x < 0.0) + x * (0.3989422804014327 * e); // 1/√2π
}

// ------------------------------------------------------------------------------------------ other activations

// x σ(x)
fn safe_silu(x: f32) -> f32 {
  return x * safe_sigmoid(x);
}

// x above 0, eˣ − 1 below
fn safe_elu(x: f32) -> f32 {
  return select(x, safe_expm1(x), x < 0.0);
}

// max(x, 0) that lets NaN through; the builtin max(NaN, 0) is 0
fn safe_relu(x: f32) -> f32 {
  return select(x, 0.0, x < 0.0);
}

fn safe_leaky_relu(x: f32, slope: f32) -> f32 {
  return select(x, slope * x, x < 0.0);
}

// -------------------------------------------------------------------------------------------- angles and bits

// (sin 2πu, cos 2πu) for |u| < 2²⁰, within 1.5e-7. The reduction to an eighth of a turn is exact.
fn safe_sincos_turns(u: f32) -> vec2f {
  let quarter = round(4.0 * u);
  let v = u - 0.25 * quarter;
  let z = v * v;
  let s = v * (6.2831854820251465 + z * (-41.341861724853516 + z * (81.62464141845703 + z * -76.72447204589844)));
  let c = 1.0 + z * (-19.739166259765625 + z * (64.9229736328125 + z * -83.6522216796875));
  let q = bitcast<u32>(i32(quarter));
  let swapped = (q & 1u) == 1u;
  let sine = bitcast<u32>(select(s, c, swapped)) ^ ((q & 2u) << 30u);
  let cosine = bitcast<u32>(select(c, s, swapped)) ^ (((q + 1u) & 2u) << 30u);
  return vec2f(bitcast<f32>(sine), bitcast<f32>(cosine));
}

// Neither infinite nor NaN, by the bits: compilers may fold x == x to true
fn is_finite_bits(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}

// The larger of two, and NaN where either is: the builtin max returns its other argument
fn safe_max(a: f32, b: f32) -> f32 {
  return select(a, b, b > a || (bitcast<u32>(b) & 0x7fffffffu) > 0x7f800000u);
}

// −∞, for which WGSL has no literal, and from a constant no bits
fn negative_infinity() -> f32 {
  var bits = 0xff800000u;
  return bitcast<f32>(bits);
}

// --------------------------------------------------------------------------------------------- vec4f forms

fn safe_max4(a: vec4f, b: vec4f) -> vec4f {
  return vec4f(safe_max(a.x, b.x), safe_max(a.y, b.y), safe_max(a.z, b.z), safe_max(a.w, b.w));
}

fn safe_exp4(x: vec4f) -> vec4f {
  return vec4f(safe_exp(x.x), safe_exp(x.y), safe_exp(x.z), safe_exp(x.w));
}

fn safe_expm14(x: vec4f) -> vec4f {
  return vec4f(safe_expm1(x.x), safe_expm1(x.y), safe_expm1(x.z), safe_expm1(x.w));
}

fn safe_exp_residual4(x: vec4f) -> vec4f {
  return vec4f(safe_exp_residual(x.x), safe_exp_residual(x.y), safe_exp_residual(x.z), safe_exp_residual(x.w));
}

fn safe_tanh4(x: vec4f) -> vec4f {
  return vec4f(safe_tanh(x.x), safe_tanh(x.y), safe_tanh(x.z), safe_tanh(x.w));
}

fn safe_sigmoid4(x: vec4f) -> vec4f {
  return vec4f(safe_sigmoid(x.x), safe_sigmoid(x.y), safe_sigmoid(x.z), safe_sigmoid(x.w));
}

fn safe_log4(x: vec4f) -> vec4f {
  return vec4f(safe_log(x.x), safe_log(x.y), safe_log(x.z), safe_log(x.w));
}

fn safe_softplus4(x: vec4f) -> vec4f {
  return vec4f(safe_softplus(x.x), safe_softplus(x.y), safe_softplus(x.z), safe_softplus(x.w));
}

fn safe_gelu4(x: vec4f) -> vec4f {
  return vec4f(safe_gelu(x.x), safe_gelu(x.y), safe_gelu(x.z), safe_gelu(x.w));
}

fn safe_gelu_gradient4(x: vec4f) -> vec4f {
  return vec4f(safe_gelu_gradient(x.x), safe_gelu_gradient(x.y), safe_gelu_gradient(x.z), safe_gelu_gradient(x.w));
}

fn safe_silu4(x: vec4f) -> vec4f {
  return vec4f(safe_silu(x.x), safe_silu(x.y), safe_silu(x.z), safe_silu(x.w));
}

fn safe_elu4(x: vec4f) -> vec4f {
  return vec4f(safe_elu(x.x), safe_elu(x.y), safe_elu(x.z), safe_elu(x.w));
}

fn safe_relu4(x: vec4f) -> vec4f {
  return select(x, vec4f(0.0), x < vec4f(0.0));
}

fn safe_leaky_relu4(x: vec4f, slope: f32) -> vec4f {
  return select(x, slope * x, x < vec4f(0.0));
}
