//#import matmul/slices.wgsl
//#import conv/window.wgsl
//
// The gradient of a convolution with respect to its kernel as a product, dw [KH·KW·C, O] = Aᵀ · dy, with the A of forward.wgsl: a sum over
// all output pixels. M = KH·KW·C, N = O, K = B·OH·OW, mostly in slices; B is dy read as [K, N].

const TRANSPOSE_A = true;
const TRANSPOSE_B = false;

fn a_row(slice: Part, row: u32) -> u32 { return tap(row); }
fn b_column(slice: Part, column: u32) -> u32 { return column >> SHIFT_B; }
fn at_k(slice: Part, k: u32) -> Indices { return Indices(pixels(k), lines(k, N >> SHIFT_B)); }

// pixel(k..k+3)
fn pixels(k: u32) -> vec4u {
  if (OUT_WIDTH < 4) {
    let last = K - 1;
    return vec4u(pixel(k), pixel(min(k + 1, last)), pixel(min(k + 2, last)), pixel(min(k + 3, last)));
  }
  // At most one of the three steps leads to another line, so one division serves all four.
  let line = quotient(k, OUT_WIDTH);
  let image = quotient(line, OUT_HEIGHT);
  let h = line - image * OUT_HEIGHT;
  let w = k - line * OUT_WIDTH;
  let first = ((image * HEIGHT + h * STRIDE_H) * WIDTH + w * STRIDE_W) * (CHANNELS >> SHIFT_A);
  let to_line = (STRIDE_H * WIDTH - OUT_WIDTH * STRIDE_W) * (CHANNELS >> SHIFT_A);
  let to_image = (HEIGHT - OUT_HEIGHT * STRIDE_H) * WIDTH * (CHANNELS >> SHIFT_A);
  let skip = to_line + select(0, to_image, h + 1 == OUT_HEIGHT);
  var steps = vec4u(0, 1, 2, 3);
  if (RAGGED) {
    steps = min(steps, vec4u(K - 1 - k));
  }
  return first + steps * (STRIDE_W * (CHANNELS >> SHIFT_A)) + select(vec4u(0), vec4u(skip), w + steps >= vec4u(OUT_WIDTH));
}
