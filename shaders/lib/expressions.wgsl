//#import lib/math.wgsl
//#import lib/half.wgsl
//#import lib/philox.wgsl
//#import lib/gaussian.wgsl
//#import lib/state.wgsl
//#import loss/bce_with_logits.wgsl
//#import loss/squared_error.wgsl
//#import loss/gaussian_nll.wgsl
//#import loss/kl_standard_normal.wgsl
//
// Everything that an elementwise expression may call (src/ops names the functions).
