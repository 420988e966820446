type Place = readonly [x: number, y: number];

/** So often are places pushed; what lies in a knot may still touch then. */
const ROUNDS = 8;

/** Places moved so far that each pair is at least so far apart, each by half of what is missing. */
export function apart(places: readonly Place[], least: number): Place[] {
  const moved = places.map(([x, y]) => [x, y] as [number, number]);
  for (let round = 0; round < ROUNDS; round++) {
    for (let b = 1; b < moved.length; b++) {
      for (let a = 0; a < b; a++) {
        const [dx, dy] = [moved[b][0] - moved[a][0], moved[b][1] - moved[a][1]];
        const distance = Math.hypot(dx, dy);
        if (distance >= least) continue;
        // Two on one place go apart sideways.
        const [ux, uy] = distance > 0 ? [dx / distance, dy / distance] : [1, 0];
        const half = (least - distance) / 2;
        moved[a] = [moved[a][0] - half * ux, moved[a][1] - half * uy];
        moved[b] = [moved[b][0] + half * ux, moved[b][1] + half * uy];
      }
    }
  }
  return moved;
}
