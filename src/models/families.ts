import { ae } from "./ae.ts";
import { convVae } from "./conv-vae.ts";
import { cvae } from "./cvae.ts";
import { denoisingAe } from "./denoising-ae.ts";
import { gan } from "./gan.ts";
import { stackedDenoisingAe } from "./stacked-denoising-ae.ts";
import { vae } from "./vae.ts";

/** Every family, in the order in which people meet them: the row that a new one needs. */
export const families = [ae, denoisingAe, stackedDenoisingAe, vae, convVae, cvae, gan] as const;
