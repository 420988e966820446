// First half of the norm of an objective's gradient: each of THREADS threads adds the squares of every THREADS-th vec4f
// of what the objective moves, in a fixed order. `state/check.wgsl` adds the partial sums. The next values of running
// statistics add nothing unless one is not finite: then the sum is not finite either, and the step is bad.

override TRAINED: u32;      // vec4f that the objective moves
override STATISTICS: u32;   // vec4f of running statistics that it updates
override THREADS: u32;      // partial sums

// Given its length: see `declarations` in src/compiler/lower.ts.
//#begin sizes
alias Arena = array<vec4f>;
//#end sizes

// Where the k-th of either lies in the arenas: filled in by src/kernels/update.ts.
//#begin places
fn trained_at(k: u32) -> u32 { return k; }
fn statistic_at(k: u32) -> u32 { return k; }
//#end places

@group(0) @binding(0) var<storage, read> gradients: Arena;
@group(0) @binding(1) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= THREADS) {
    return;
  }
  var sum = vec4f(0.0);
  for (var k = id.x; k < TRAINED; k += THREADS) {
    let g = gradients[trained_at(k)];
    sum += g * g;
  }
  for (var k = id.x; k < STATISTICS; k += THREADS) {
    let next = gradients[statistic_at(k)];
    let finite = (bitcast<vec4u>(next) & vec4u(0x7f800000u)) != vec4u(0x7f800000u);
    sum += select(next, vec4f(0.0), finite);
  }
  partials[id.x] = (sum.x + sum.y) + (sum.z + sum.w);
}
