//#import matmul/slices.wgsl
//#import conv/window.wgsl
//
// Convolution as a product, y [B·OH·OW, O] = A · w, where row m of A is what output pixel m sees and never lies in memory as such:
// M = B·OH·OW, N = O, K = KH·KW·C; B is w [KH, KW, C, O] read as [K, N].

const TRANSPOSE_A = false;
override TRANSPOSE_B: bool = false; // where N is 1 and a column of B is one line in memory

fn a_row(slice: Part, row: u32) -> u32 { return pixel(row); }
fn b_column(slice: Part, column: u32) -> u32 { return column >> SHIFT_B; }

fn at_k(slice: Part, k: u32) -> Indices {
  if (TRANSPOSE_B) {
    return Indices(taps(k), neighbours(k, SHIFT_B));
  }
  return Indices(taps(k), lines(k, N >> SHIFT_B));
}

// tap(k..k+3)
fn taps(k: u32) -> vec4u {
  if (SHIFT_A == 0) {
    let last = K - 1;
    return vec4u(tap(k), tap(min(k + 1, last)), tap(min(k + 2, last)), tap(min(k + 3, last)));
  }
  return vec4u(tap(k));
}
