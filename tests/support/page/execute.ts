// The engine in a page: what `chromiumAdapter` calls. Numbers travel as base64 of their bytes.
import { type Device, requestDevice } from "../../../src/gpu/device.ts";
import { fromJson } from "../../../src/graph/graph.ts";
import { execute } from "../../../src/runtime/execute.ts";
import type { PageRequest } from "../adapters.ts";

declare global {
  var executeGraph: (request: PageRequest) => Promise<Record<string, string>>;
}

const devices = new Map<boolean, Promise<Device>>();

function deviceFor(baseline: boolean): Promise<Device> {
  let device = devices.get(baseline);
  if (device === undefined) devices.set(baseline, (device = requestDevice({ baseline })));
  return device;
}

globalThis.executeGraph = async ({ graph, feeds, baseline, ...options }) => {
  const decoded = Object.entries(feeds).map(([name, text]) => [name, new Float32Array(bytesOf(text).buffer)]);
  const device = await deviceFor(baseline);
  const results = await execute(device, fromJson(graph), { ...options, feeds: Object.fromEntries(decoded) });
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, textOf(values)]));
};

const bytesOf = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

function textOf(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}
