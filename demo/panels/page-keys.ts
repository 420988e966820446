import { examples } from "../lab/examples.ts";
import { back, hold, invert } from "../lab/hold.ts";
import { oneStep, pauseOrGoOn, train } from "../lab/run.ts";
import { phase, running } from "../lab/state.ts";
import { primary } from "./actions.tsx";
import type { Key } from "./key.ts";
import { drawer, keysAsked, looping, sharing } from "./place.ts";

const TWICE_MILLISECONDS = 2000;
let startedAgain = Number.NEGATIVE_INFINITY;
let example = 0;

/** What keys do wherever one is. */
export const pageKeys: readonly Key<void>[] = [
  {
    keys: ["p"],
    name: "P",
    does: "trains, pauses, and goes on",
    letter: true,
    act: () => {
      if (phase.value === "training" || phase.value === "paused") void pauseOrGoOn();
      else primary().act();
    },
  },
  { keys: ["."], name: ".", does: "takes one step", letter: true, act: oneStep },
  {
    keys: ["r"],
    name: "R twice",
    does: "starts again from the beginning",
    letter: true,
    act: () => {
      if (running.value && performance.now() - startedAgain < TWICE_MILLISECONDS) train();
      startedAgain = performance.now();
    },
  },
  {
    keys: ["[", "]"],
    name: "[ and ]",
    does: "take the held-out example before and after",
    letter: true,
    act: (_, { key }) => {
      const { count } = examples.value;
      example = (example + (key === "]" ? 1 : -1) + count) % count;
      hold({ kind: "example", index: example });
    },
  },
  { keys: ["i"], name: "I", does: "inverts the picture that you hold", letter: true, act: invert },
  { keys: ["z"], name: "Ctrl+Z", does: "takes what you held before", ctrl: true, act: back },
  {
    keys: ["l"],
    name: "L",
    does: "shows the walk again and again",
    letter: true,
    act: () => {
      looping.value = !looping.value;
    },
  },
  {
    keys: ["s"],
    name: "S",
    does: "shares",
    letter: true,
    act: () => {
      sharing.value = true;
    },
  },
  {
    keys: ["Escape"],
    name: "Esc",
    does: "closes what is open",
    inFields: true,
    act: () => {
      drawer.value = false;
    },
  },
  {
    keys: ["?"],
    name: "?",
    does: "lists the keys",
    act: () => {
      keysAsked.value = true;
    },
  },
];
