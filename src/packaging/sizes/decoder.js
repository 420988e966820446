import { openDecoder } from "reparam/decode";

const response = await fetch("decoder.safetensors");
const decoder = await openDecoder(new Uint8Array(await response.arrayBuffer()));
console.log(await decoder.decode(new Float32Array(20)));
