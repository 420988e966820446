//#import pool/window.wgsl
//#import pool/count.wgsl
//
// The adjoint of average.wgsl: an input gets its share of every window that it is in, added up row by row.

@group(0) @binding(0) var<storage, read> dy: Windows;
@group(0) @binding(1) var<storage, read_write> result: Images;

alias Around = vec4u;

fn around(at: Place) -> Around { return outputs_of(at.h, at.w); }

fn value_of(image: u32, item: u32, at: Place, outputs: Around) -> Value {
  var sum = Value(0.0);
  for (var h = outputs.x; h < outputs.y; h++) {
    for (var w = outputs.z; w < outputs.w; w++) {
      sum += dy[window_index(image, h, w, at.channel)] / count_of(h, w);
    }
  }
  return sum;
}
