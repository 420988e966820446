// Every family: the row that a new one needs. From here come the list, and what the library exports.
export { ae } from "./ae.ts";
export { convAe } from "./conv-ae.ts";
export { convDenoisingAe } from "./conv-denoising-ae.ts";
export { convVae } from "./conv-vae.ts";
export { cvae } from "./cvae.ts";
export { denoisingAe } from "./denoising-ae.ts";
export { gan } from "./gan.ts";
export { sparseAe } from "./sparse-ae.ts";
export { stackedDenoisingAe } from "./stacked-denoising-ae.ts";
export { vae } from "./vae.ts";
