// The arithmetic ceiling of an adapter: nothing but multiply-adds, in CHAINS independent chains of vec4f a thread, 16 a
// turn, since the loop itself costs software adapters much.
//   x ← a x + c, 16 TURNS times;   result[thread] = Σ over the 4 CHAINS numbers
// 4 · 2 · 16 · CHAINS · TURNS FLOP a thread. `a` depends on the thread, so that nothing is known beforehand.
// Three chains are what the 16 vector registers of a processor hold; eight hide the latency of a GPU.

override THREADS: u32;
override TURNS: u32;
override CHAINS: u32;           // 3 or 8
override FUSED: bool = false;   // fma() instead of a product and a sum, which the compiler may or may not contract

@group(0) @binding(0) var<storage, read_write> result: array<f32>;

fn step(x: vec4f, a: f32) -> vec4f {
  if (FUSED) {
    return fma(x, vec4f(a), vec4f(a));
  }
  return x * a + a;
}

fn steps4(x: vec4f, a: f32) -> vec4f {
  return step(step(step(step(x, a), a), a), a);
}

fn steps16(x: vec4f, a: f32) -> vec4f {
  return steps4(steps4(steps4(steps4(x, a), a), a), a);
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let thread = id.x + id.y * grid.x * 64u;
  if (thread >= THREADS) {
    return;
  }
  let a = 0.75 + f32(thread & 7u) * 0.03125;
  let start = vec4f(0.0, 1.0, 2.0, 3.0);
  var x0 = start;
  var x1 = start + 1.0;
  var x2 = start + 2.0;
  var x3 = start + 3.0;
  var x4 = start + 4.0;
  var x5 = start + 5.0;
  var x6 = start + 6.0;
  var x7 = start + 7.0;
  for (var turn = 0u; turn < TURNS; turn++) {
    x0 = steps16(x0, a);
    x1 = steps16(x1, a);
    x2 = steps16(x2, a);
    if (CHAINS == 8u) {
      x3 = steps16(x3, a);
      x4 = steps16(x4, a);
      x5 = steps16(x5, a);
      x6 = steps16(x6, a);
      x7 = steps16(x7, a);
    }
  }
  var sum = x0 + x1 + x2;
  if (CHAINS == 8u) {
    sum += (x3 + x4 + x5) + (x6 + x7);
  }
  result[thread] = (sum.x + sum.y) + (sum.z + sum.w);
}
