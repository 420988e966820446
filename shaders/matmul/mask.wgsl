// Zeros for what comes after the end of a sum over k, where that is no multiple of 4 (RAGGED).

// Columns are k..k+3.
fn mask_columns(values: mat4x4f, k: u32, end: u32) -> mat4x4f {
  if (!RAGGED) {
    return values;
  }
  let none = vec4f();
  return mat4x4f(values[0], select(none, values[1], k + 1 < end), select(none, values[2], k + 2 < end), select(none, values[3], k + 3 < end));
}

// k..k+3.
fn mask_row(values: vec4f, k: u32, end: u32) -> vec4f {
  if (!RAGGED) {
    return values;
  }
  return select(vec4f(), values, vec4u(k, k + 1, k + 2, k + 3) < vec4u(end));
}

// Each column holds k..k+3.
fn mask_rows(values: mat4x4f, k: u32, end: u32) -> mat4x4f {
  return mat4x4f(mask_row(values[0], k, end), mask_row(values[1], k, end), mask_row(values[2], k, end), mask_row(values[3], k, end));
}
