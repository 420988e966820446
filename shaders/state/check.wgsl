//#import lib/math.wgsl
//#import lib/state.wgsl
//#import state/next_step.wgsl
//
// Between the gradient and the update, one thread: the gradient's norm, the factor that clips it, the learning rate, and
// whether this step may be taken. A loss, gradient or running statistic that is not finite poisons the run: from then on
// nothing is updated and the step does not advance, so the weights stay as they were before the bad step and the step can
// be examined. What the update needs it finds in the state, so that after the last check the state moves on at once.

override PARTIALS: u32;      // groups of four partial sums of squares from `optimizer/gradient_norm.wgsl`
override CLIP_NORM: f32;     // largest norm, or 0 for none
override LOSS: u32;          // which of the metrics is the objective's loss
override RATES: u32;         // the schedules' vec4f that holds learning rate and bias corrections
override LAST: u32;          // 1: no objective of this step is left

@group(0) @binding(0) var<storage, read> partials: array<vec4f>;
@group(0) @binding(1) var<storage, read> metrics: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;     // [TABLE, SCHEDULES]
@group(0) @binding(3) var<storage, read_write> ring: array<u32>;
@group(0) @binding(4) var<storage, read_write> state: State;

@compute @workgroup_size(1)
fn main(@builtin(num_workgroups) grid: vec3u) {
  let turns = select(1u, grid.z, ROLLED);
  var sum = vec4f(0.0);
  for (var k = 0u; k < PARTIALS; k += turns) {
    sum += partials[k];
  }
  let square = (sum.x + sum.y) + (sum.z + sum.w);
  let norm = sqrt(square);
  state.gradient_norm = norm;
  // As PyTorch's clip_grad_norm_: the small term keeps the quotient finite.
  state.gradient_scale = 1.0;
  if (CLIP_NORM > 0.0 && norm > CLIP_NORM) {
    state.gradient_scale = CLIP_NORM / (norm + 1e-6);
  }
  if (!(is_finite_bits(square) && is_finite_bits(metrics[LOSS]))) {
    state.poisoned = 1u;
  }
  state.rates = state.schedules[RATES];
  if (LAST != 0u) {
    next_step(turns);
  }
}
