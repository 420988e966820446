// A and B as they lie in memory.
@group(0) @binding(0) var<storage, read> A: MatrixA;
@group(0) @binding(1) var<storage, read> B: MatrixB;

fn read_a(i: u32) -> ReadA { return ReadA(A[i]); }
fn read_b(i: u32) -> ReadB { return ReadB(B[i]); }
