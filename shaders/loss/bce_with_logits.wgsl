//#import lib/math.wgsl
// Binary cross-entropy of a logit l against a target x in [0, 1], in nats, and its gradient:
//   loss  = softplus(l) − l x
//   dl    = sigmoid(l) − x
// Both are arranged so that what is left after a confident, right answer keeps its relative accuracy, as PyTorch's
// binary_cross_entropy_with_logits does for the loss: at l = 40, x = 1 they are ±4.2e-18, not 0.

// |l| (1 − x) + ln(1 + e⁻ˡ) for l >= 0, |l| x + ln(1 + eˡ) below
fn bce_with_logits(l: f32, x: f32) -> f32 {
  return abs(l) * select(1.0 - x, x, l < 0.0) + log1p_of_unit(safe_exp(-abs(l)));
}

// (1 − x) − sigmoid(−l) for l >= 0, sigmoid(l) − x below
fn bce_with_logits_gradient(l: f32, x: f32) -> f32 {
  let t = safe_exp(-abs(l));
  let lower = t / (1.0 + t);
  return select((1.0 - x) - lower, lower - x, l < 0.0);
}

fn bce_with_logits4(l: vec4f, x: vec4f) -> vec4f {
  return vec4f(
    bce_with_logits(l.x, x.x), bce_with_logits(l.y, x.y), bce_with_logits(l.z, x.z), bce_with_logits(l.w, x.w));
}

fn bce_with_logits_gradient4(l: vec4f, x: vec4f) -> vec4f {
  return vec4f(
    bce_with_logits_gradient(l.x, x.x), bce_with_logits_gradient(l.y, x.y),
    bce_with_logits_gradient(l.z, x.z), bce_with_logits_gradient(l.w, x.w));
}
