// Where the outputs of a resampling lie among its inputs. Pixel centres are at halves, so output o of OUT is at (o + ½) · IN / OUT − ½: a
// fraction of whole numbers, which are exact, so that an operation and its adjoint have the same weights.

//#begin sizes
alias Value = vec4f; // or f32
alias Bits = vec4u;
alias Small = array<Value>;
alias Large = array<Value>;
//#end sizes

override HEIGHT: u32;
override WIDTH: u32;
override OUT_HEIGHT: u32;
override OUT_WIDTH: u32;

// In units of 1 / (2 · OUT) pixels; positions beyond the first and the last centre are those of the edge.
fn position_of(output: u32, inputs: u32, outputs: u32) -> i32 {
  return clamp(i32((2 * output + 1) * inputs) - i32(outputs), 0, i32(2 * outputs * (inputs - 1)));
}
