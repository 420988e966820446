//#import matmul/slices.wgsl
//#import conv/window.wgsl
//
// The gradient of a convolution with respect to its kernel as a product, dw [KH·KW·C, O] = Aᵀ · dy, with the A of forward.wgsl: a sum over
// all output pixels. M = KH·KW·C, N = O, K = B·OH·OW, mostly in slices; B is dy read as [K, N].

const TRANSPOSE_A = true;
const TRANSPOSE_B = false;

fn a_row(slice: Part, row: u32) -> u32 { return tap(row); }
fn a_k(slice: Part, k: u32) -> u32 { return pixel(k); }
fn b_k(slice: Part, k: u32) -> u32 { return k * N; }
fn b_column(slice: Part, column: u32) -> u32 { return column; }
