import { confusion } from "./confusion.ts";
import type { Drawer } from "./drawer.ts";
import { latent } from "./latent.ts";
import { manifold } from "./manifold.ts";
import { points } from "./points.ts";
import { reconstructions } from "./reconstructions.ts";
import { samples } from "./samples.ts";
import { scores } from "./scores.ts";

/** The pictures of a run, in the order in which they are shown. */
export const drawers: readonly Drawer[] = [samples, points, reconstructions, latent, manifold, confusion, scores];
