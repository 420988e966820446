//#import resample/positions.wgsl
//
// The adjoint of bilinear.wgsl: an input gathers from the outputs that it is in, row by row.

@group(0) @binding(0) var<storage, read> dy: Large;
@group(0) @binding(1) var<storage, read_write> dx: Small;

// The weight of an input in an output: 1 where their positions agree, 0 from a pixel's distance on.
fn weight_of(input: u32, output: u32, inputs: u32, outputs: u32) -> f32 {
  let pixel = i32(2 * outputs);
  let distance = abs(position_of(output, inputs, outputs) - i32(input) * pixel);
  return f32(max(pixel - distance, 0)) / f32(pixel);
}

// The outputs in which an input may have a weight, first and one past the last: those less than a pixel away from it.
fn outputs_of(input: u32, inputs: u32, outputs: u32) -> vec2u {
  let before = (max(2 * input, 1) - 1) * outputs / inputs;
  let behind = (2 * input + 3) * outputs / inputs;
  return vec2u(select((before + 1) / 2, 0, input == 0), min((behind + 1) / 2, outputs));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) grid: vec3u) {
  let item = id.x + id.y * grid.x * 64u;
  if (item >= ITEMS) {
    return;
  }
  let at = place(item, WIDTH);
  let rows = outputs_of(at.h, HEIGHT, OUT_HEIGHT);
  let columns = outputs_of(at.w, WIDTH, OUT_WIDTH);
  for (var image = id.z; image < IMAGES; image += grid.z) {
    var sum = Value(0.0);
    for (var h = rows.x; h < rows.y; h++) {
      var row = Value(0.0);
      for (var w = columns.x; w < columns.y; w++) {
        row += weight_of(at.w, w, WIDTH, OUT_WIDTH) * dy[index_of(image, h, w, at.channel, OUT_HEIGHT, OUT_WIDTH)];
      }
      sum += weight_of(at.h, h, HEIGHT, OUT_HEIGHT) * row;
    }
    dx[image * ITEMS + item] = sum;
  }
}
