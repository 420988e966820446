//#import lib/math.wgsl
// KL(N(μ, eᵛ) ‖ N(0, 1)) of one coordinate, in nats, from mean μ and log-variance v
// (Kingma and Welling, "Auto-encoding variational Bayes", 2013, appendix B): ½ (μ² + eᵛ − 1 − v)

fn kl_standard_normal(mean: f32, log_variance: f32) -> f32 {
  return 0.5 * (mean * mean + safe_exp_residual(log_variance));
}

fn kl_standard_normal4(mean: vec4f, log_variance: vec4f) -> vec4f {
  return 0.5 * (mean * mean + safe_exp_residual4(log_variance));
}
