/** A blob of f32 as an array; copied, since a view of another buffer may not be aligned. */
export function floats(blob: Uint8Array | undefined, name: string): Float32Array<ArrayBuffer> {
  if (!blob || blob.byteLength % 4 !== 0) throw new Error(`the job sent no usable ${name}`);
  return new Float32Array(blob.slice().buffer);
}
