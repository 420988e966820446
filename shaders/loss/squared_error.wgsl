// Squared error of a prediction y against a target x: (y − x)²

fn squared_error(y: f32, x: f32) -> f32 {
  return (y - x) * (y - x);
}

fn squared_error4(y: vec4f, x: vec4f) -> vec4f {
  return (y - x) * (y - x);
}
