// Where a run stands, on the GPU: one 1024-byte struct that `state/next_step.wgsl` moves forward after every step.
// The TypeScript face, with the same order and offsets, is src/kernels/state.ts; a test holds the two together.
struct State {
  seed: vec2u,            // key of every random number
  step: vec2u,            // counter of the steps done, low and high word
  epoch: u32,             // key of the permutation, with the seed
  batch: u32,             // number of the batch within the epoch
  batches: u32,           // batches in an epoch
  examples: u32,          // examples in the data set
  poisoned: u32,          // 1 from the step on whose loss or gradient was not finite: nothing is updated any more
  gradient_norm: f32,     // of this step, before clipping
  gradient_scale: f32,    // what clipping multiplies the gradient with
  rates: vec4f,           // of the objective that is updated: learning rate and bias corrections
  schedules: array<vec4f, 60>,  // values of the run's schedules at this step
}
