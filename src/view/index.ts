// Drawing with WebGPU from buffers that training left on the GPU: the public face of this folder.
export { type Device, type DeviceOptions, requestDevice } from "../gpu/device.ts";
export { type Curve, type CurveLook, createCurve } from "./curve.ts";
export { createGrid, type Grid, type GridOptions } from "./grid.ts";
export { createScatter, type Scatter, type ScatterLook, type ScatterOptions, type ScatterPlane } from "./scatter.ts";
export { type Colour, canvasSurface, type Surface } from "./surface.ts";
