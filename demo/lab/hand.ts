import { signal } from "@preact/signals";
import { calm } from "../drawing/colours.ts";
import { point } from "./hold.ts";
import { answers, codes, pointed, running } from "./state.ts";

/** Between two places that the hand points at. */
const MILLISECONDS = 100;
/** Turns a second, along the map and across it: a way that takes long to come back. */
const [ALONG, ACROSS] = [0.05, 0.083];
/** How far it goes from the middle, in the codes' units. */
const FAR = 1.9;

/** Whether an unseen hand shows what the page is for. */
export const walking = signal(false);

/** Walks over the map of the shipped model until somebody does anything, or trains; then never again. */
export function walkByHand(): void {
  if (running.value || !answers.value) return;
  walking.value = true;
  const inputs = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
  const end = () => {
    walking.value = false;
    clearInterval(timer);
    for (const input of inputs) removeEventListener(input, end, true);
    if (!running.value) pointed.value = undefined;
  };
  let t = 0;
  const move = () => {
    if (running.value) return end();
    if (!codes.value || document.hidden) return;
    if (calm()) clearInterval(timer); // one still picture
    t += MILLISECONDS / 1000;
    point(FAR * Math.sin(2 * Math.PI * ALONG * t + 0.6), FAR * Math.sin(2 * Math.PI * ACROSS * t + 1.1));
  };
  for (const input of inputs) addEventListener(input, end, true);
  const timer = setInterval(move, MILLISECONDS);
}
