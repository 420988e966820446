type Place = readonly [x: number, y: number];

/** So often are places pushed; what lies in a knot may still touch then. */
const ROUNDS = 8;

/**
 * Places moved so far that each pair is at least so far apart, each by half of what is missing; from those that are `fixed`
 * they go all of it.
 */
export function apart(places: readonly Place[], least: number, fixed: readonly Place[] = []): Place[] {
  const moved = places.map(([x, y]) => [x, y] as [number, number]);
  for (let round = 0; round < ROUNDS; round++) {
    for (let b = 0; b < moved.length; b++) {
      for (let a = 0; a < b; a++) {
        const [x, y] = push(moved[a], moved[b], least);
        moved[a] = [moved[a][0] - x / 2, moved[a][1] - y / 2];
        moved[b] = [moved[b][0] + x / 2, moved[b][1] + y / 2];
      }
      for (const place of fixed) {
        const [x, y] = push(place, moved[b], least);
        moved[b] = [moved[b][0] + x, moved[b][1] + y];
      }
    }
  }
  return moved;
}

/** What is missing between two places, away from the first. Two on one place go apart sideways. */
function push([ax, ay]: Place, [bx, by]: Place, least: number): Place {
  const [dx, dy] = [bx - ax, by - ay];
  const distance = Math.hypot(dx, dy);
  if (distance >= least) return [0, 0];
  return distance > 0 ? [(dx / distance) * (least - distance), (dy / distance) * (least - distance)] : [least, 0];
}
