//#import conv/quotient.wgsl
//
// The gradient of a convolution with respect to its image, which is also the transposed convolution: dx [B, HEIGHT, WIDTH, N] from
// dy [B, OUT_HEIGHT, OUT_WIDTH, OUTPUTS] and w [KERNEL_HEIGHT, KERNEL_WIDTH, N, OUTPUTS]. In the form that gathers,
//   dx[b, h, v, c] = Σ dy[b, (h + TOP − kh·DILATION_H) / STRIDE_H, (v + LEFT − kw·DILATION_W) / STRIDE_W, o] · w[kh, kw, c, o]
// over the taps (kh, kw) for which the quotients are whole. These are the same for all (h, v) with equal remainders by the stride, so each
// such phase is a product of its own, without a tap in vain: its rows are the pixels of the phase, its k the (kh, kw, o) of its taps.
// z of the dispatch, from FIRST_PART on, is the phase, 0 .. STRIDE_H · STRIDE_W − 1.
//
// dy has zeros around it such that every whole quotient lies inside. M is the number of pixels of the largest phase, B · ⌈HEIGHT / STRIDE_H⌉ ·
// ⌈WIDTH / STRIDE_W⌉, and K what all the taps would need. Taps of a phase are STEP_H = STRIDE_H / gcd(STRIDE_H, DILATION_H) apart, and
// REACH_H = DILATION_H · STEP_H / STRIDE_H rows of dy; so are STEP_W and REACH_W.

override M: u32;
override N: u32;
override K: u32;
override HEIGHT: u32;
override WIDTH: u32;
override OUT_HEIGHT: u32;
override OUT_WIDTH: u32;
override OUTPUTS: u32;
override KERNEL_HEIGHT: u32;
override KERNEL_WIDTH: u32;
override STRIDE_H: u32;
override STRIDE_W: u32;
override DILATION_H: u32;
override DILATION_W: u32;
override STEP_H: u32;
override STEP_W: u32;
override REACH_H: u32;
override REACH_W: u32;
override TOP: u32;
override LEFT: u32;
override FIRST_PART: u32 = 0; // where there are more phases than one dispatch has z
override RAGGED: bool = OUTPUTS % 4 != 0;

const TRANSPOSE_A = false;
const TRANSPOSE_B = true;

struct Part {
  h: u32,       // the phase's first row and column of dx
  w: u32,
  first_h: u32, // row and column of dy for these under the phase's last tap, which comes first here: so offsets only grow with k
  first_w: u32,
  tap: u32,     // place of that tap in w, counted in (kh, kw)
  taps_w: u32,
  end: u32,     // products of each sum
}

fn part_of(z: u32) -> Part {
  let h = (FIRST_PART + z) / STRIDE_W;
  let w = (FIRST_PART + z) % STRIDE_W;
  var kh = 0u;
  var kw = 0u;
  // The first taps with a whole quotient; multiples of the stride keep the left side from falling below 0.
  while (kh < STEP_H && (h + TOP + kh * (STRIDE_H - 1) * DILATION_H) % STRIDE_H != 0) {
    kh++;
  }
  while (kw < STEP_W && (w + LEFT + kw * (STRIDE_W - 1) * DILATION_W) % STRIDE_W != 0) {
    kw++;
  }
  if (kh >= min(STEP_H, KERNEL_HEIGHT) || kw >= min(STEP_W, KERNEL_WIDTH)) {
    return Part(h, w, 0, 0, 0, 1, 0); // no tap meets this phase
  }
  let more_h = (KERNEL_HEIGHT - 1 - kh) / STEP_H;
  let more_w = (KERNEL_WIDTH - 1 - kw) / STEP_W;
  kh += more_h * STEP_H;
  kw += more_w * STEP_W;
  let first_h = (h + TOP - kh * DILATION_H) / STRIDE_H;
  let first_w = (w + LEFT - kw * DILATION_W) / STRIDE_W;
  return Part(h, w, first_h, first_w, kh * KERNEL_WIDTH + kw, more_w + 1, (more_h + 1) * (more_w + 1) * OUTPUTS);
}

fn first_k(phase: Part) -> u32 { return 0; }
fn end_k(phase: Part) -> u32 { return phase.end; }

override PHASE_HEIGHT: u32 = (HEIGHT + STRIDE_H - 1) / STRIDE_H;
override PHASE_WIDTH: u32 = (WIDTH + STRIDE_W - 1) / STRIDE_W;

// Image, row and column of a pixel of the phase.
fn place(row: u32) -> vec3u {
  let line = quotient(row, PHASE_WIDTH);
  let image = quotient(line, PHASE_HEIGHT);
  return vec3u(image, line - image * PHASE_HEIGHT, row - line * PHASE_WIDTH);
}

fn a_row(phase: Part, row: u32) -> u32 {
  let pixel = place(row);
  return ((pixel.x * OUT_HEIGHT + phase.first_h + pixel.y) * OUT_WIDTH + phase.first_w + pixel.z) * (OUTPUTS >> SHIFT_A);
}

fn b_column(phase: Part, column: u32) -> u32 { return column * (OUTPUTS >> SHIFT_B); }

struct Indices {
  a: vec4u,
  b: vec4u,
}

// What k = (tap of the phase, output) adds to the indices of dy and w; of k..k+3, where they are not in one vec4f.
fn at_k(phase: Part, k: u32) -> Indices {
  let i = at(phase, k);
  if (SHIFT_A != 0) {
    return Indices(vec4u(i.x), vec4u(i.y));
  }
  let last = phase.end - 1;
  let j = at(phase, min(k + 1, last));
  let l = at(phase, min(k + 2, last));
  let m = at(phase, min(k + 3, last));
  return Indices(vec4u(i.x, j.x, l.x, m.x), vec4u(i.y, j.y, l.y, m.y));
}

fn at(phase: Part, k: u32) -> vec2u {
  let position = quotient(k, OUTPUTS);
  let line = quotient(position, phase.taps_w);
  let column = position - line * phase.taps_w;
  let output = (k - position * OUTPUTS) >> SHIFT_A;
  let tap = phase.tap - line * STEP_H * KERNEL_WIDTH - column * STEP_W;
  let a = (line * REACH_H * OUT_WIDTH + column * REACH_W) * (OUTPUTS >> SHIFT_A) + output;
  return vec2u(a, tap * N * (OUTPUTS >> SHIFT_B) + output);
}

fn c_row(phase: Part, row: u32) -> u32 {
  let pixel = place(row);
  return (pixel.x * HEIGHT + pixel.y * STRIDE_H + phase.h) * WIDTH + pixel.z * STRIDE_W + phase.w;
}

fn is_row(phase: Part, row: u32) -> bool {
  if (M % 4 == 0 && HEIGHT % STRIDE_H == 0 && WIDTH % STRIDE_W == 0) {
    return true;
  }
  let pixel = place(row);
  return row < M && pixel.y * STRIDE_H + phase.h < HEIGHT && pixel.z * STRIDE_W + phase.w < WIDTH;
}
