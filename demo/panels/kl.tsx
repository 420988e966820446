import { noun } from "../lab/examples.ts";
import { uses } from "../lab/model.ts";
import { plane } from "../lab/state.ts";
import { telling } from "../lab/telling.ts";
import { TryWords, triesNow } from "./tries.tsx";

/** Of more numbers than these, the bars stand upright; of more than those, they have no names; and so many have room. */
const [MOST_LYING, MOST_NAMED, MOST] = [4, 12, 40];

/** While no number says more than this, which of them are in use is not told: a run in its first steps has not decided it. */
const LEAST_SAID = 0.1;

/** z₁₂ */
export const numberName = (number: number): string =>
  `z${[...String(number + 1)].map((digit) => String.fromCharCode(0x2080 + Number(digit))).join("")}`;

/** What each number of the code says, as bars; as a table behind "as numbers". */
export function KlBars() {
  const known = telling.value;
  const [title, unit] = uses.value.includes("posterior") ? ["KL by dimension", "nats"] : ["Spread", "variance"];
  const most = Math.max(...known.map(({ value }) => value), 1e-9);
  const awake = known.filter(({ asleep }) => !asleep).length;
  const unsure = unit === "nats" && awake > 0 && most < LEAST_SAID;
  const lying = known.length <= MOST_LYING;
  // A few have room for their names, and keep their places whatever they say.
  const shown = lying ? known.toSorted((a, b) => a.number - b.number) : known.slice(0, MOST);
  const name = `${title}: ${known.map(({ number, value }) => `${numberName(number)} ${value.toFixed(2)}`).join(", ")} ${unit}`;
  const next = triesNow().find(({ option }) => option === "latent" && plane.value.latent < 10);
  return (
    <div class="kl">
      <h2>
        {title} <small>{unit}</small>
      </h2>
      <div
        class={lying ? "bars lying" : "bars"}
        data-many={shown.length > MOST_NAMED}
        role="img"
        aria-label={name}
        title={shown.length < known.length ? `The ${MOST} most telling` : undefined}
      >
        {shown.map(({ number, value, asleep }, place) => (
          <div
            key={place}
            class="bar"
            data-asleep={asleep}
            style={{ "--part": `${(100 * Math.max(0, value)) / most}%` }}
          >
            {shown.length <= MOST_NAMED && <span>{lying ? numberName(number) : number + 1}</span>}
            <i />
            {lying && <strong>{value.toFixed(2)}</strong>}
          </div>
        ))}
      </div>
      <p class="soft">
        {known.length > 0 && !unsure && awakeWords(awake, known.length)}
        {known.length > 0 && next && (
          <>
            {noun() === "picture" ? " For sharper pictures, " : " To keep more of each, "}
            <TryWords {...next} />.
          </>
        )}
      </p>
      {known.length > 0 && (
        <details class="numbers">
          <summary>as numbers</summary>
          <table>
            <thead>
              <tr>
                <th scope="col">number</th>
                <th scope="col">{unit}</th>
              </tr>
            </thead>
            <tbody>
              {known.map(({ number, value, asleep }) => (
                <tr key={number}>
                  <th scope="row">{numberName(number)}</th>
                  <td>{asleep ? `${value.toFixed(3)}, asleep` : value.toFixed(3)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </div>
  );
}

function awakeWords(awake: number, count: number): string {
  if (awake < count) return `${awake} of ${count} are in use, the others are asleep.`;
  return count === 1 ? "It is in use." : count === 2 ? "Both are in use." : `All ${count} are in use.`;
}
