// The end of a step, for one thread, where `metrics`, `table`, `ring` and `state` are bound: the step's metrics go into the
// ring that the host copies out now and then, and the state moves on to the next step: its counter, its place in the epoch,
// its values of the run's schedules.
// A ring row is 8 words (step, epoch, batch, valid rows, gradient norm, poisoned, two unused) and then the metrics.

override METRICS: u32;       // numbers in `metrics`
override ROW: u32;           // words of a ring row
override RING: u32;          // rows of the ring
override SCHEDULES: u32;     // schedules in the table
override TABLE: u32;         // steps in the table; the last value holds for all later steps
override START: u32 = 0u;    // the step that the table begins with
override ROWS: u32;          // batch size
override ROLLED: bool = false; // as in elementwise/map.wgsl; `turns` is 1

fn next_step(turns: u32) {
  let start = state.batch * ROWS;
  let row = (state.step.x % RING) * ROW;
  ring[row] = state.step.x;
  ring[row + 1u] = state.epoch;
  ring[row + 2u] = state.batch;
  ring[row + 3u] = min(ROWS, state.examples - start);
  ring[row + 4u] = bitcast<u32>(state.gradient_norm);
  ring[row + 5u] = state.poisoned;
  for (var k = 0u; k < METRICS; k += turns) {
    ring[row + 8u + k] = bitcast<u32>(metrics[k]);
  }
  if (state.poisoned != 0u) {
    return;
  }
  state.step.x += 1u;
  if (state.step.x == 0u) {
    state.step.y += 1u;
  }
  state.batch += 1u;
  if (state.batch == state.batches) {
    state.batch = 0u;
    state.epoch += 1u;
  }
  let entry = min(state.step.x - START, TABLE - 1u) * SCHEDULES;
  for (var k = 0u; k < SCHEDULES; k += turns) {
    state.schedules[k >> 2u][k & 3u] = table[entry + k];
  }
}
