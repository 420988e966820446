//#import lib/state.wgsl
//
// One dispatch updates every parameter that an objective moves: parameters, gradients and moments are flat arenas, the first
// two of one layout. The learning rate and Adam's bias corrections 1 / (1 − βᵗ) come from the run's schedules, computed in float64,
// by way of `state/check.wgsl`.
//   sgd      v ← μ v + g;                  p ← p − η v                      (momentum μ; PyTorch's form)
//   adam     m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  p ← p − η c₁m / (√(c₂v) + ε)    (Kingma & Ba 2014)
//   adamw    the same, and p ← p − η λ p beside it                          (Loshchilov & Hutter 2017)
//   rmsprop  v ← ρ v + (1 − ρ)g²;          p ← p − η g / (√v + ε)           (Tieleman & Hinton 2012; PyTorch's form)
// Except in adamw, a weight decay λ adds λ p to the gradient.
// In the places of running statistics, `gradients` holds their next values.

const SGD = 0u;
const ADAM = 1u;
const ADAMW = 2u;
const RMSPROP = 3u;

override RULE: u32;
override TRAINED: u32;          // vec4f that the objective moves
override STATISTICS: u32;       // vec4f of running statistics that it updates
override THREADS: u32;          // each updates every THREADS-th of them
override BETA1: f32 = 0.0;      // adam's β₁, sgd's μ
override BETA2: f32 = 0.0;      // adam's β₂, rmsprop's ρ
override REST1: f32 = 1.0;      // 1 − β₁, rounded once
override REST2: f32 = 1.0;      // 1 − β₂, rounded once
override EPSILON: f32 = 1e-8;
override DECAY: f32 = 0.0;      // λ

// Given its length: see `declarations` in src/compiler/lower.ts.
//#begin sizes
alias Arena = array<vec4f>;
alias Moments = array<vec4f>;
//#end sizes

// Where the k-th of either lies in the arenas, and the moments of the first: filled in by src/kernels/update.ts.
//#begin places
fn trained_at(k: u32) -> u32 { return k; }
fn moments_at(k: u32) -> u32 { return k; }
fn statistic_at(k: u32) -> u32 { return k; }
//#end places

@group(0) @binding(0) var<storage, read> gradients: Arena;
@group(0) @binding(1) var<storage, read_write> parameters: Arena;
@group(0) @binding(2) var<storage, read_write> first_moments: Moments;
@group(0) @binding(3) var<storage, read_write> second_moments: Moments;
@group(0) @binding(4) var<uniform> state: State;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let thread = id.x + id.y * grid.x * 64u;
  if (thread >= THREADS || state.poisoned != 0u) {
    return;
  }
  for (var item = thread; item < STATISTICS; item += THREADS) {
    let k = statistic_at(item);
    parameters[k] = gradients[k];
  }
  let rate = state.rates.x;
  let correction1 = state.rates.y;
  let correction2 = state.rates.z;
  let scale = state.gradient_scale;
  for (var item = thread; item < TRAINED; item += THREADS) {
    let k = trained_at(item);
    let own = moments_at(item);
    var p = parameters[k];
    var g = gradients[k] * scale;
    if (DECAY != 0.0) {
      if (RULE == ADAMW) {
        p -= rate * DECAY * p;
      } else {
        g += DECAY * p;
      }
    }
    if (RULE == SGD) {
      let m = BETA1 * first_moments[own] + g;
      first_moments[own] = m;
      p -= rate * m;
    } else if (RULE == RMSPROP) {
      let v = BETA2 * second_moments[own] + REST2 * g * g;
      second_moments[own] = v;
      p -= rate * g / (sqrt(v) + EPSILON);
    } else {
      let m = BETA1 * first_moments[own] + REST1 * g;
      let v = BETA2 * second_moments[own] + REST2 * g * g;
      first_moments[own] = m;
      second_moments[own] = v;
      p -= rate * (correction1 * m) / (sqrt(correction2 * v) + EPSILON);
    }
    parameters[k] = p;
  }
}
