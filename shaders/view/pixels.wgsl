// What all drawings do with pixels and colours.

// A place in pixels, from the lower left, as clip coordinates of a picture of this size.
fn clip_of(pixel: vec2f, size: vec2f) -> vec4f {
  return vec4f(pixel * 2.0 / size - 1.0, 0.0, 1.0);
}

// A colour times its strength, which is what lies over what is there.
fn premultiplied(colour: vec4f) -> vec4f {
  return vec4f(colour.rgb * colour.a, colour.a);
}
