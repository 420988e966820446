//#import matmul/slices.wgsl
//#import conv/window.wgsl
//
// Convolution as a product, y [B·OH·OW, O] = A · w, where row m of A is what output pixel m sees and never lies in memory as such:
// M = B·OH·OW, N = O, K = KH·KW·C; B is w [KH, KW, C, O] read as [K, N].

const TRANSPOSE_A = false;
const TRANSPOSE_B = false;

fn a_row(slice: Part, row: u32) -> u32 { return pixel(row); }
fn b_column(slice: Part, column: u32) -> u32 { return column >> SHIFT; }
fn at_k(slice: Part, k: u32) -> Indices { return Indices(vec4u(tap(k)), lines(k, N >> SHIFT)); }
