// Every family: the row that a new one needs. From here come the list, and what the library exports.
export { aae } from "./aae.ts";
export { ae } from "./ae.ts";
export { anomalyAe } from "./anomaly-ae.ts";
export { convAe } from "./conv-ae.ts";
export { convDenoisingAe } from "./conv-denoising-ae.ts";
export { convVae } from "./conv-vae.ts";
export { cvae } from "./cvae.ts";
export { denoisingAe } from "./denoising-ae.ts";
export { flowVae } from "./flow-vae.ts";
export { gan } from "./gan.ts";
export { iwae } from "./iwae.ts";
export { memoriser } from "./memoriser.ts";
export { stackedDenoisingAe } from "./stacked-denoising-ae.ts";
export { vae } from "./vae.ts";
export { vampPriorVae } from "./vampprior-vae.ts";
export { vqVae } from "./vq-vae.ts";
export { wae } from "./wae.ts";
