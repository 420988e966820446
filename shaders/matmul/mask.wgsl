// Zeros for what comes after the end of a sum over k, where that is no multiple of 4 (RAGGED).

// Columns are k..k+3.
fn mask_columns(values: mat4x4f, k: u32, end: u32) -> mat4x4f {
  if (!RAGGED) {
    return values;
  }
  let none = vec4f();
  return mat4x4f(values[0], select(none, values[1], k + 1 < end), select(none, values[2], k + 2 < end), select(none, values[3], k + 3 < end));
}

// Each column holds k..k+3.
fn mask_rows(values: mat4x4f, k: u32, end: u32) -> mat4x4f {
  if (!RAGGED) {
    return values;
  }
  let none = vec4f();
  let within = vec4u(k, k + 1, k + 2, k + 3) < vec4u(end);
  return mat4x4f(select(none, values[0], within), select(none, values[1], within), select(none, values[2], within), select(none, values[3], within));
}
