//#import resample/positions.wgsl
//
// The adjoint of bilinear.wgsl: an input gathers from the outputs that it is in, row by row.

@group(0) @binding(0) var<storage, read> dy: Large;
@group(0) @binding(1) var<storage, read_write> result: Small;

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

struct Around {
  rows: vec2u,
  columns: vec2u,
}

fn around(at: Place) -> Around { return Around(outputs_of(at.h, HEIGHT, OUT_HEIGHT), outputs_of(at.w, WIDTH, OUT_WIDTH)); }

fn value_of(image: u32, item: u32, at: Place, outputs: Around) -> Value {
  let rows = outputs.rows;
  let columns = outputs.columns;
  var sum = Value(0.0);
  for (var h = rows.x; h < rows.y; h++) {
    var row = Value(0.0);
    for (var w = columns.x; w < columns.y; w++) {
      row += weight_of(at.w, w, WIDTH, OUT_WIDTH) * dy[index_of(image, h, w, at.channel, OUT_HEIGHT, OUT_WIDTH)];
    }
    sum += weight_of(at.h, h, HEIGHT, OUT_HEIGHT) * row;
  }
  return sum;
}
