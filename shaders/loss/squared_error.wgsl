// Squared error of a prediction y against a target x: (y − x)², and its gradient in y; that in x is the negative.

fn squared_error(y: f32, x: f32) -> f32 {
  return (y - x) * (y - x);
}

fn squared_error_gradient(y: f32, x: f32) -> f32 {
  return 2.0 * (y - x);
}

fn squared_error4(y: vec4f, x: vec4f) -> vec4f {
  return (y - x) * (y - x);
}

fn squared_error_gradient4(y: vec4f, x: vec4f) -> vec4f {
  return 2.0 * (y - x);
}
