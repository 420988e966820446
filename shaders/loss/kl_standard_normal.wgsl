//#import lib/math.wgsl
// KL(N(μ, eᵛ) ‖ N(0, 1)) of one coordinate, in nats, from mean μ and log-variance v, and its gradients
// (Kingma and Welling, "Auto-encoding variational Bayes", 2013, appendix B):
//   kl = ½ (μ² + eᵛ − 1 − v)
//   dμ = μ
//   dv = ½ (eᵛ − 1)

fn kl_standard_normal(mean: f32, log_variance: f32) -> f32 {
  return 0.5 * (mean * mean + safe_exp_residual(log_variance));
}

fn kl_standard_normal_gradient_mean(mean: f32, log_variance: f32) -> f32 {
  return mean;
}

fn kl_standard_normal_gradient_log_variance(mean: f32, log_variance: f32) -> f32 {
  return 0.5 * safe_expm1(log_variance);
}

fn kl_standard_normal4(mean: vec4f, log_variance: vec4f) -> vec4f {
  return 0.5 * (mean * mean + safe_exp_residual4(log_variance));
}

fn kl_standard_normal_gradient_mean4(mean: vec4f, log_variance: vec4f) -> vec4f {
  return mean;
}

fn kl_standard_normal_gradient_log_variance4(mean: vec4f, log_variance: vec4f) -> vec4f {
  return 0.5 * safe_expm14(log_variance);
}
