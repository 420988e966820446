// Four vec4f of B for the two quads of a pair (subgroup.wgsl), which have the same columns: each loads two, and has the other two from its
// neighbour. Eight consecutive invocations must be of one subgroup.
fn b_lines(i: vec4u) -> mat4x4f {
  let own = select(i.xy, i.zw, second);
  let a = read_b(own.x);
  let b = read_b(own.y);
  let c = subgroupShuffleXor(a, 4);
  let d = subgroupShuffleXor(b, 4);
  return mat4x4f(select(a, c, second), select(b, d, second), select(c, a, second), select(d, b, second));
}
