// The arithmetic ceiling of an adapter: nothing but multiply-adds, in 8 independent chains of vec4f a thread, so that
// neither latency nor memory holds them back. 128 of them a turn, since the loop itself costs software adapters much.
//   x ← a x + c, 16 TURNS times;   result[thread] = Σ over the 32 numbers
// 8 · 4 · 2 · 16 · TURNS FLOP a thread. `a` and the start depend on the thread, so that nothing is known beforehand.

override THREADS: u32;
override TURNS: u32;
override FUSED: bool = false;   // fma() instead of a product and a sum, which the compiler may or may not contract

@group(0) @binding(0) var<storage, read_write> result: array<f32>;

fn step(x: vec4f, a: f32, c: vec4f) -> vec4f {
  if (FUSED) {
    return fma(x, vec4f(a), c);
  }
  return x * a + c;
}

fn steps4(x: vec4f, a: f32, c: vec4f) -> vec4f {
  return step(step(step(step(x, a, c), a, c), a, c), a, c);
}

fn steps16(x: vec4f, a: f32, c: vec4f) -> vec4f {
  return steps4(steps4(steps4(steps4(x, a, c), a, c), a, c), a, c);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let thread = id.x + id.y * grid.x * 64u;
  if (thread >= THREADS) {
    return;
  }
  let a = 0.75 + f32(thread & 7u) * 0.03125;
  let c = vec4f(0.25, 0.5, 0.75, 1.0);
  var x0 = vec4f(0.0);
  var x1 = vec4f(1.0);
  var x2 = vec4f(2.0);
  var x3 = vec4f(3.0);
  var x4 = vec4f(4.0);
  var x5 = vec4f(5.0);
  var x6 = vec4f(6.0);
  var x7 = vec4f(7.0);
  for (var turn = 0u; turn < TURNS; turn++) {
    x0 = steps16(x0, a, c);
    x1 = steps16(x1, a, c);
    x2 = steps16(x2, a, c);
    x3 = steps16(x3, a, c);
    x4 = steps16(x4, a, c);
    x5 = steps16(x5, a, c);
    x6 = steps16(x6, a, c);
    x7 = steps16(x7, a, c);
  }
  let sum = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7));
  result[thread] = (sum.x + sum.y) + (sum.z + sum.w);
}
