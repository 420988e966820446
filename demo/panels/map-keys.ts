import type { Key } from "./key.ts";

/** What keys take hold of on the map. */
export interface MapHand {
  /** Moves the cross. */
  move(right: number, up: number): void;
  /** Keeps what is under it. */
  keep(): void;
  nearer(times: number): void;
  showAll(): void;
  /** Sets an end of the walk to where it is. */
  walkFrom(end: 0 | 1): void;
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** What keys do while the map has the focus. */
export const mapKeys: readonly Key<MapHand>[] = [
  {
    keys: Object.keys(ARROWS),
    name: "Arrow keys",
    does: "move the cross, with Shift farther",
    act: (hand, { key, shiftKey }) => {
      const [right, up] = ARROWS[key].map((way) => way * (shiftKey ? 0.5 : 0.1));
      hand.move(right, up);
    },
  },
  { keys: ["Enter"], name: "Enter", does: "keeps what is under it", act: (hand) => hand.keep() },
  {
    keys: ["a", "b"],
    name: "A and B",
    does: "set the ends of a walk there",
    letter: true,
    act: (hand, { key }) => hand.walkFrom(key === "a" ? 0 : 1),
  },
  {
    keys: ["+", "-"],
    name: "+ and −",
    does: "zoom",
    act: (hand, { key }) => hand.nearer(key === "+" ? 1.25 : 1 / 1.25),
  },
  { keys: ["0"], name: "0", does: "shows all of the map", act: (hand) => hand.showAll() },
  { keys: [" "], name: "Space", does: "held down lets you drag the map", act: () => {} },
];
