/** A file of shaders/, as it is shipped: without comments and indentation. */
export interface Shader {
  /** In shaders/, such as `matmul/register.wgsl`. */
  readonly path: string;
  readonly text: string;
  /** What its `//#import` lines name. */
  readonly imports: readonly Shader[];
}
