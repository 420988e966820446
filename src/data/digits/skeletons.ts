/**
 * The ways people write each digit, as pen paths drawn by hand for this file. x goes right and y goes down; a digit
 * is about 100 high.
 *
 * In the notation a smooth curve runs through the points `x,y`; `!` after a point makes it a corner; `/` lifts the pen.
 * The poses of one skeleton have the same structure and differ in proportion; a written digit is a mixture of them.
 */
interface Drawing {
  /** How often it is used, relative to the others of its digit. */
  readonly weight: number;
  readonly poses: readonly string[];
}

const DRAWINGS: readonly (readonly Drawing[])[] = [
  // 0
  [
    {
      // once round, anticlockwise from the top
      weight: 6,
      poses: [
        "46,3 22,6 6,30 4,64 20,95 44,97 64,72 68,36 54,8 36,3",
        "38,2 14,16 2,46 8,82 32,100 56,88 66,58 62,24 46,6 30,8",
        "60,10 34,1 10,18 0,50 8,84 34,98 62,86 76,54 72,22 52,8",
        "50,0 30,18 16,44 10,72 20,96 38,94 54,72 62,42 60,14 46,4",
        "44,2 12,12 -6,44 2,80 34,98 70,86 90,50 76,14 46,2 28,6",
      ],
    },
    {
      // the end runs past the beginning, into the bowl
      weight: 2,
      poses: [
        "40,6 16,18 3,48 10,84 34,99 58,84 68,52 60,18 38,6 20,16 14,28",
        "52,10 24,8 6,36 6,74 28,98 56,90 72,58 66,22 46,8 34,14 30,24",
      ],
    },
    {
      // not quite closed
      weight: 2,
      poses: [
        "34,10 12,26 3,56 14,88 38,98 60,82 68,50 60,20 44,4",
        "28,6 8,30 4,64 18,94 44,98 64,76 70,44 58,14 34,0",
      ],
    },
    {
      // clockwise from the lower left, seldom
      weight: 1,
      poses: [
        "14,84 3,52 12,18 36,2 60,18 68,52 56,84 32,99 10,84",
        "22,94 4,64 8,26 32,3 58,12 70,44 62,80 38,98 16,90",
      ],
    },
  ],
  // 1
  [
    { weight: 9, poses: ["30,0 30,50 30,100", "32,0 29,50 31,100", "28,0 31,50 30,100"] },
    {
      // with a flag
      weight: 2,
      poses: ["8,26 22,15 34,0! 33,50 31,100", "18,15 27,8 35,0! 34,50 33,100"],
    },
    {
      // with a flag and a foot
      weight: 1,
      poses: ["10,22 22,13 34,0! 34,50 33,98 / 4,99 33,98 62,97", "14,18 24,10 34,0! 33,50 34,97 / 12,98 33,97 54,99"],
    },
  ],
  // 2
  [
    {
      // a corner at the foot
      weight: 4,
      poses: [
        "6,24 18,5 38,0 56,12 56,34 40,58 20,80 3,97! 24,96 45,96 68,95",
        "10,12 28,1 48,5 58,24 50,46 34,64 18,80 4,94! 26,94 48,97 70,99",
        "2,16 22,3 44,4 54,20 48,42 34,62 18,78 2,90! 24,90 46,90 66,88",
        "0,30 24,12 52,14 62,32 48,52 28,70 10,82 -8,92! 28,90 64,90 98,90",
      ],
    },
    {
      // a loop at the foot
      weight: 4,
      poses: [
        "8,22 22,4 44,2 57,18 50,42 34,66 16,88 4,92 4,80 18,76 38,88 56,97 74,90",
        "4,16 24,2 46,6 54,24 46,48 30,72 14,92 2,90 6,76 24,76 42,88 60,94 80,86",
        "0,34 20,14 50,14 62,32 50,54 32,74 10,92 -6,88 0,74 22,76 46,86 72,92 100,86",
        "12,30 18,8 38,0 56,10 58,34 44,62 24,86 8,96 2,86 14,76 36,84 56,92 74,88",
      ],
    },
    {
      // a round foot that runs out in a wave
      weight: 2,
      poses: [
        "8,20 24,3 46,4 56,22 46,46 28,66 10,86 12,95 34,94 54,95 74,90",
        "4,26 16,6 38,1 54,14 52,38 36,60 14,82 8,93 28,92 50,98 72,98",
      ],
    },
  ],
  // 3
  [
    {
      // two bows and a notch
      weight: 5,
      poses: [
        "6,14 24,2 46,4 54,20 44,37 24,46! 46,50 60,67 52,89 28,100 4,90",
        "2,10 22,1 44,8 50,24 38,40 20,48! 42,51 56,66 52,86 30,97 2,94",
        "10,20 26,3 50,2 60,16 50,36 30,44! 50,46 62,62 56,86 30,100 6,84",
        "0,12 26,2 56,3 66,20 50,38 28,45! 58,48 76,66 62,90 32,100 0,92",
      ],
    },
    {
      // bows that run into each other with a small loop
      weight: 3,
      poses: [
        "6,12 26,1 48,6 52,24 40,42 26,48 24,42 38,44 56,58 58,80 40,98 18,98 2,86",
        "2,18 20,3 44,3 54,18 44,38 28,50 20,46 32,44 52,54 60,74 46,94 22,100 4,90",
        "0,16 28,1 58,6 64,24 48,42 30,50 24,44 42,46 66,58 72,80 48,98 18,98 -2,84",
      ],
    },
    {
      // a flat top
      weight: 1.5,
      poses: [
        "6,4 30,3 56,2! 42,22 26,40! 48,44 62,64 52,90 28,100 4,90",
        "4,8 26,5 52,3! 40,20 28,36! 46,42 58,62 50,88 26,98 4,92",
      ],
    },
    {
      // a long lower bow, nearly straight above
      weight: 1.5,
      poses: [
        "10,6 28,2 44,8 46,22 36,34 26,38! 46,42 58,58 58,78 44,95 22,100 4,94",
        "6,12 26,0 46,4 52,16 42,28 26,34! 44,40 54,56 52,76 38,94 16,98 0,88",
      ],
    },
  ],
  // 4
  [
    {
      // open, a bent arm and a straight stem
      weight: 5,
      poses: [
        "14,4 10,26 6,50! 32,52 64,48 / 56,0 51,50 46,100",
        "20,0 11,24 2,46! 28,50 58,50 / 56,8 48,54 40,100",
        "8,10 8,30 10,48! 34,46 62,42 / 58,2 56,50 54,98",
        "10,6 4,26 -4,50! 34,54 74,52 / 64,0 60,50 54,100",
      ],
    },
    {
      // open, a rounded bowl that turns down into the stem
      weight: 3,
      poses: [
        "12,6 5,28 8,46 28,52 46,40 58,18 62,4! 55,52 48,100",
        "8,8 6,30 14,46 34,46 50,34 58,16 60,6! 58,52 56,100",
      ],
    },
    {
      // closed, the arm starts at the top of the stem
      weight: 2,
      poses: ["46,0 24,32 2,64! 34,63 70,60 / 47,2 46,50 44,100", "52,2 28,30 6,54! 36,54 72,50 / 52,4 50,52 46,100"],
    },
    {
      // open, the stem crosses a long arm
      weight: 3,
      poses: ["18,0 12,28 4,58! 38,58 76,52 / 54,18 48,58 42,100", "12,2 10,26 6,52! 36,54 72,54 / 50,10 47,54 44,98"],
    },
  ],
  // 5
  [
    {
      // the bar comes last
      weight: 4,
      poses: [
        "16,4 13,22 9,42! 28,37 50,44 58,62 50,86 28,99 3,92 / 16,4 38,4 64,1",
        "20,6 16,22 10,38! 30,36 50,48 54,68 42,90 22,98 2,88 / 22,8 42,5 66,3",
        "12,8 12,24 12,44! 30,40 48,48 52,66 46,86 26,96 6,94 / 13,8 36,4 58,0",
        "30,14 24,28 18,44! 36,40 50,50 54,66 40,86 16,94 -8,88 / 30,14 64,8 98,0",
      ],
    },
    {
      // one stroke from the right end of the bar
      weight: 3,
      poses: [
        "62,3 38,4 16,6! 12,24 8,44! 28,38 50,46 58,64 48,88 26,99 2,90",
        "70,0 44,4 22,8! 16,24 10,40! 30,38 48,48 52,66 42,88 22,98 0,94",
        "96,2 62,8 30,14! 24,28 18,42! 34,40 48,50 50,66 36,88 14,96 -10,90",
      ],
    },
    {
      // like an S
      weight: 2,
      poses: [
        "60,4 38,2 18,12 14,32 32,44 52,58 54,80 36,98 12,98 0,88",
        "66,2 42,4 22,14 16,32 30,46 46,60 46,80 30,96 10,98 -4,90",
      ],
    },
  ],
  // 6
  [
    {
      weight: 5,
      poses: [
        "44,0 24,18 9,44 4,72 16,95 38,98 54,84 53,66 38,57 20,64 8,80",
        "38,2 18,24 6,50 6,78 22,98 44,94 56,76 46,60 30,60 16,70 8,84",
        "54,4 30,16 12,40 4,68 14,92 36,100 56,88 58,70 44,60 24,66 10,80",
      ],
    },
    {
      // a straight back and a small bowl
      weight: 3,
      poses: [
        "36,0 22,28 10,58 8,84 22,99 42,94 50,78 40,65 24,70 12,86",
        "26,0 14,30 6,60 6,84 20,98 40,96 52,82 46,66 28,66 10,80",
      ],
    },
    {
      // the bowl does not reach the back
      weight: 2,
      poses: [
        "40,2 20,22 8,48 6,76 20,96 42,96 56,78 48,60 30,62",
        "48,0 26,20 10,46 6,74 20,96 40,98 54,82 46,66 28,72",
      ],
    },
  ],
  // 7
  [
    {
      weight: 6,
      poses: [
        "-4,8 30,6 64,3! 46,52 32,100",
        "0,14 30,10 60,8! 40,56 20,100",
        "-2,10 32,6 66,2! 54,50 46,100",
        "-10,16 30,9 68,0! 40,52 16,98",
      ],
    },
    {
      // a rounded shoulder
      weight: 3,
      poses: ["-2,14 18,5 44,3 62,8 58,24 46,46 36,72 30,100", "-6,12 20,8 46,8 66,6 60,22 44,48 30,72 18,98"],
    },
    {
      // a bar across the stem
      weight: 1.5,
      poses: ["-2,8 32,5 66,4! 46,52 30,100 / 14,56 40,52 70,50", "0,6 32,5 66,2! 50,50 38,100 / 22,50 44,47 72,42"],
    },
    {
      // a serif on the left
      weight: 1.5,
      poses: ["-2,28 -2,16 0,7! 32,6 64,3! 48,50 34,100", "0,24 2,14 4,6! 34,8 64,5! 54,50 40,100"],
    },
  ],
  // 8
  [
    {
      // an S, then back up to its start
      weight: 5,
      poses: [
        "56,12 40,1 18,5 12,22 26,40 48,56 58,78 44,97 20,98 6,82 16,60 38,44 56,26 58,10",
        "60,14 46,2 24,4 16,22 26,40 40,56 46,78 34,97 12,96 4,80 16,60 38,44 60,28 64,12",
        "52,10 36,0 18,8 14,24 28,40 48,54 56,74 46,94 24,100 8,86 14,64 32,46 50,30 54,14",
        "66,14 44,1 16,4 6,22 26,40 52,56 68,78 48,98 16,98 0,80 14,60 42,44 66,28 68,12",
      ],
    },
    {
      // the same, open at the top
      weight: 3,
      poses: [
        "50,8 32,1 14,10 14,28 30,42 50,56 58,78 42,97 20,96 8,80 18,60 38,44 56,28 62,16",
        "46,6 28,2 14,14 20,32 34,44 46,60 48,82 34,98 14,94 8,76 20,58 38,42 56,24 64,8",
        "58,6 32,1 10,12 16,32 36,46 54,62 54,84 36,99 14,94 8,76 22,58 44,42 66,26 78,8",
      ],
    },
    {
      // two rings
      weight: 1.5,
      poses: [
        "36,2 18,8 16,28 32,42 50,32 52,10 34,2 / 32,43 12,58 8,84 30,100 54,88 56,62 36,44",
        "34,4 20,12 20,32 34,44 48,34 48,12 32,3 / 34,45 16,56 8,80 26,98 50,90 56,66 38,46",
      ],
    },
    {
      // from the waist, down round and up round
      weight: 1.5,
      poses: [
        "28,46 50,60 56,82 38,99 14,94 8,74 24,54 46,38 52,16 36,1 18,8 14,28 30,46",
        "34,48 52,64 52,86 34,98 14,90 12,70 28,52 48,38 56,18 42,2 22,6 18,28 36,50",
      ],
    },
  ],
  // 9
  [
    {
      // straight tail
      weight: 5,
      poses: [
        "52,14 36,2 16,8 5,26 12,43 32,45 48,32 55,10! 52,55 48,100",
        "56,10 38,0 16,10 6,30 14,46 34,44 50,28 58,8! 50,54 38,100",
        "48,8 30,0 12,10 4,28 10,44 28,46 44,34 52,12! 53,55 54,100",
      ],
    },
    {
      // curved tail
      weight: 3,
      poses: [
        "54,14 38,2 18,6 6,24 12,44 32,48 50,34 57,12 58,44 50,76 32,97 10,94",
        "50,12 32,1 14,10 8,28 16,44 34,44 48,30 54,10 58,42 54,74 38,96 18,98",
      ],
    },
    {
      // one movement from the loop into a slanting stem
      weight: 4,
      poses: [
        "58,18 44,3 22,6 8,24 14,41 34,40 52,24 60,10 56,34 46,66 36,100",
        "56,26 50,6 28,2 8,20 10,40 28,44 46,32 58,16 56,42 50,72 46,100",
      ],
    },
    {
      // an open bowl
      weight: 1,
      poses: [
        "46,4 24,4 8,20 8,38 26,46 44,38 56,20! 53,60 47,100",
        "42,0 20,6 6,24 10,42 28,46 46,34 58,14! 51,58 40,100",
      ],
    },
  ],
];

/** One way to write a digit: where each stroke starts, which points are corners, and the points of each pose. */
export interface Skeleton {
  /** Number of points. */
  readonly count: number;
  /** 1 where the pen is set down, else 0: `[count]`. */
  readonly starts: Uint8Array;
  /** 1 at corners, else 0: `[count]`. */
  readonly corners: Uint8Array;
  /** Coordinates of each pose, `[count, 2]`. */
  readonly poses: readonly Float64Array[];
}

/** The skeletons of one digit with their cumulative share of the digit's images (the last is 1). */
export interface DigitStyles {
  readonly skeletons: readonly Skeleton[];
  readonly cumulative: readonly number[];
}

/** The styles of each digit, index 0 to 9. */
export function parseDigitStyles(): DigitStyles[] {
  return DRAWINGS.map((drawings) => {
    const total = drawings.reduce((sum, { weight }) => sum + weight, 0);
    let sum = 0;
    const cumulative = drawings.map(({ weight }) => (sum += weight) / total);
    return { skeletons: drawings.map(({ poses }) => parseSkeleton(poses)), cumulative };
  });
}

function parseSkeleton(poses: readonly string[]): Skeleton {
  const strokes = poses[0].split(" / ").map((stroke) => stroke.split(" "));
  const points = strokes.flat();
  return {
    count: points.length,
    starts: Uint8Array.from(strokes.flatMap((stroke) => stroke.map((_, i) => (i === 0 ? 1 : 0)))),
    corners: Uint8Array.from(points, (point) => (point.endsWith("!") ? 1 : 0)),
    poses: poses.map((pose) => Float64Array.from(pose.match(/-?\d+/g)!, Number)),
  };
}
