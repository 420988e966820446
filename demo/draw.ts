const SIDE = 28;

/** Draws grey images [count, 28, 28] in 0..1 as a grid that fills the canvas. */
export function drawImages(canvas: HTMLCanvasElement, images: Float32Array, columns: number): void {
  const count = images.length / SIDE ** 2;
  const rows = Math.ceil(count / columns);
  const grid = new ImageData(columns * SIDE, rows * SIDE);
  grid.data.fill(255);
  for (let image = 0; image < count; image++) {
    const left = (image % columns) * SIDE;
    const top = Math.floor(image / columns) * SIDE;
    for (let pixel = 0; pixel < SIDE ** 2; pixel++) {
      const at = 4 * ((top + Math.floor(pixel / SIDE)) * grid.width + left + (pixel % SIDE));
      grid.data.fill(255 * images[image * SIDE ** 2 + pixel], at, at + 3);
    }
  }
  canvas.width = grid.width;
  canvas.height = grid.height;
  canvas.getContext("2d")!.putImageData(grid, 0, 0);
}

/** Draws a curve of positive numbers with a scale at its lowest and highest value. */
export function drawCurve(canvas: HTMLCanvasElement, values: readonly number[]): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  const style = getComputedStyle(document.body);
  context.clearRect(0, 0, width, height);
  if (values.length < 2) return;
  const low = Math.min(...values);
  const high = Math.max(...values.slice(Math.floor(values.length / 50)), low + 1);
  const y = (value: number) => 30 + (height - 60) * (1 - (Math.min(value, high) - low) / (high - low));
  context.font = "16px system-ui, sans-serif";
  context.strokeStyle = "#8884";
  context.fillStyle = style.color;
  for (const value of [low, high]) {
    context.beginPath();
    context.moveTo(64, y(value));
    context.lineTo(width - 12, y(value));
    context.stroke();
    context.fillText(value.toFixed(1), 8, y(value) + 5);
  }
  context.strokeStyle = "#3a6fd8";
  context.lineWidth = 2;
  context.lineJoin = "round";
  context.beginPath();
  for (const [k, value] of values.entries()) context.lineTo(64 + ((width - 76) * k) / (values.length - 1), y(value));
  context.stroke();
}
