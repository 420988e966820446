import { useEffect, useRef } from "preact/hooks";
import { curveColours, drawCurves, termWords } from "../drawing/curves.ts";
import { grouped } from "../drawing/words.ts";
import { stepsAnEpoch } from "../lab/model.ts";
import { momentAt, type Snapshot } from "../lab/snapshots.ts";
import { useSize } from "./use-size.ts";

interface BothProps {
  readonly a: Snapshot;
  readonly b: Snapshot;
}

/** Held-out terms of both, as they were at a step. */
export function Table({ a, b, at }: BothProps & { readonly at: number }) {
  const points = [a, b].map(({ epochs }) => epochs.findLast((point) => point.step <= at));
  const rows = points.map((point) => point?.terms ?? {});
  const sameData = a.settings.data === b.settings.data;
  const terms = [...new Set([a, b].flatMap(({ epochs }) => Object.keys(epochs.at(-1)?.terms ?? {})))];
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">held out</th>
          <th scope="col">A</th>
          <th scope="col">B</th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">of step</th>
          {points.map((point, k) => (
            <td key={k}>{point ? grouped(point.step) : "–"}</td>
          ))}
        </tr>
        {terms.map((term) => (
          <tr key={term}>
            <th scope="row">{termWords(term)}</th>
            {rows.map((found, k) => (
              <td key={k} data-better={term === "reconstruction" && sameData && found[term] < rows[1 - k][term]}>
                {found[term]?.toFixed(2) ?? "–"}
              </td>
            ))}
          </tr>
        ))}
        <tr>
          <th scope="row">{a.latent === b.latent ? `numbers in use, of ${a.latent}` : "numbers in use"}</th>
          {[a, b].map(({ moments, latent }, k) => {
            const awake = momentAt(moments, at)?.awake;
            return (
              <td key={k}>{awake === undefined ? "–" : a.latent === b.latent ? awake : `${awake} of ${latent}`}</td>
            );
          })}
        </tr>
        <tr>
          <th scope="row">steps/s</th>
          {[a, b].map(({ stepsPerSecond }, k) => (
            <td key={k}>{stepsPerSecond > 0 ? stepsPerSecond.toFixed(stepsPerSecond < 10 ? 1 : 0) : "–"}</td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

/** The curves of both, in one chart where they learned from the same data. */
export function BothCurves({ a, b }: BothProps) {
  if (a.settings.data === b.settings.data) return <Chart run={b} other={a} label="Curves of both: A dashed, B solid" />;
  return (
    <>
      <Chart run={a} label="Curves of A" />
      <Chart run={b} label="Curves of B" />
    </>
  );
}

interface ChartProps {
  readonly run: Snapshot;
  readonly other?: Snapshot;
  readonly label: string;
}

function Chart({ run: { settings, losses, epochs }, other, label }: ChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSize(canvas);
  useEffect(() => {
    const steps = Math.max(other?.step ?? 0, settings.epochs * stepsAnEpoch(settings));
    if (canvas.current) drawCurves(canvas.current, { losses, points: epochs, steps, other: other?.epochs, bare: true });
  });
  return (
    <>
      <canvas ref={canvas} class="chart" role="img" aria-label={label} />
      <p class="legend">
        {curveColours([...epochs, ...(other?.epochs ?? [])]).map(({ name, colour }) => (
          <span key={name} style={{ color: `var(--${colour})` }}>
            {termWords(name)}
          </span>
        ))}
        {other && <span class="soft">A dashed, B solid</span>}
      </p>
    </>
  );
}
