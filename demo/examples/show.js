/** Draws grey images, [count, 28, 28, 1] with values of 0 to 1, side by side into a canvas. */
export function show(images, canvas) {
  const count = images.length / 784;
  canvas.width = 28 * count;
  canvas.height = 28;
  const context = canvas.getContext("2d");
  for (let k = 0; k < count; k++) {
    const bytes = Uint8ClampedArray.from({ length: 4 * 784 }, (_, i) =>
      i % 4 === 3 ? 255 : 255 * images[784 * k + (i >> 2)],
    );
    context.putImageData(new ImageData(bytes, 28, 28), 28 * k, 0);
  }
}
