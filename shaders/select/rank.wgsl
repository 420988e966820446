// How many numbers of its row are ahead of each number of x [rows, WIDTH]: 0 for the largest. Of equal numbers the first is ahead, so that
// the ranks of a row are 0 to WIDTH − 1. Nothing is ahead of NaN and NaN is ahead of nothing: it has rank 0 beside the largest number.
// WIDTH comparisons for each number, and no two threads share anything. A thread has sixteen columns, since the loads are what costs.

//#begin sizes
alias Value = f32;
alias Bits = u32;
alias Numbers = array<Value>;
//#end sizes

override ITEMS: u32; // sixteens of columns, of all rows
override WIDTH: u32;

@group(0) @binding(0) var<storage, read> x: Numbers;
@group(0) @binding(1) var<storage, read_write> rank: Numbers;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let blocks = (WIDTH + 15) / 16;
  let row = (item / blocks) * WIDTH;
  let first = (item % blocks) * 16;
  var own: array<vec4f, 4>;
  var ahead: array<vec4u, 4>;
  for (var k = 0u; k < 16; k++) {
    own[k / 4][k % 4] = x[row + min(first + k, WIDTH - 1)];
  }
  // What stands before them is ahead of them where it is equal, what stands behind is not.
  for (var column = 0u; column < first; column++) {
    let other = vec4f(x[row + column]);
    for (var k = 0u; k < 4; k++) {
      ahead[k] += vec4u(other >= own[k]);
    }
  }
  for (var column = first; column < min(first + 16, WIDTH); column++) {
    let other = vec4f(x[row + column]);
    for (var k = 0u; k < 4; k++) {
      let columns = first + 4 * k + vec4u(0, 1, 2, 3);
      ahead[k] += vec4u((other > own[k]) | ((other == own[k]) & (vec4u(column) < columns)));
    }
  }
  for (var column = first + 16; column < WIDTH; column++) {
    let other = vec4f(x[row + column]);
    for (var k = 0u; k < 4; k++) {
      ahead[k] += vec4u(other > own[k]);
    }
  }
  for (var k = 0u; k < 16 && first + k < WIDTH; k++) {
    rank[row + first + k] = f32(ahead[k / 4][k % 4]);
  }
}
