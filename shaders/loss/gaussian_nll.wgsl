//#import lib/math.wgsl
// Negative log-density of x under a Gaussian with mean μ and log-variance v, in nats: ½ (ln 2π + v + (x − μ)² e⁻ᵛ)

const LN_2PI = 1.8378770664093454;

fn gaussian_nll(mean: f32, log_variance: f32, x: f32) -> f32 {
  let residual = x - mean;
  return 0.5 * (LN_2PI + log_variance + residual * residual * safe_exp(-log_variance));
}

fn gaussian_nll4(mean: vec4f, log_variance: vec4f, x: vec4f) -> vec4f {
  let residual = x - mean;
  return 0.5 * (LN_2PI + log_variance + residual * residual * safe_exp4(-log_variance));
}
