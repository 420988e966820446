import { useEffect, useRef } from "preact/hooks";
import { drawCurves } from "../drawing/curves.ts";
import { drawMap } from "../drawing/map.ts";
import { BATCH, before, epochs, heldOut, losses, places, running, type Snapshot, step } from "../lab/lab.ts";
import { differences } from "../lab/settings.ts";
import { useSize } from "./use-size.ts";

/** Two runs side by side: the one before, and the one that is there now. */
export function Compare() {
  const a = before.value;
  const now = running.value;
  if (!a || !now) {
    return (
      <main class="compare">
        <p class="empty">Train one model, change something, and train again: the two stand here side by side.</p>
      </main>
    );
  }
  const b: Snapshot = {
    settings: now,
    epochs: epochs.value,
    losses: losses.value,
    places: places.value,
    step: step.value,
  };
  const different = differences(b.settings, a.settings);
  const terms = [...new Set([a, b].flatMap(({ epochs }) => Object.keys(epochs.at(-1)?.terms ?? {})))];
  return (
    <main class="compare">
      <p class="sentence">
        {different.length > 0 ? `B differs from A: ${different.join("; ")}. All else is equal.` : "B is A once more."}
      </p>
      <div class="maps">
        {(
          [
            ["A", a],
            ["B", b],
          ] as const
        ).map(([name, run]) => (
          <figure key={name}>
            <SmallMap run={run} />
            <figcaption>{`${name}: ${run.settings.family}, step ${run.step.toLocaleString()}`}</figcaption>
          </figure>
        ))}
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">held out</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {terms.map((term) => (
            <tr key={term}>
              <th scope="row">{term}</th>
              {[a, b].map((run, k) => (
                <td key={k}>{run.epochs.at(-1)?.terms[term]?.toFixed(2) ?? "–"}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <BothCurves a={a} b={b} />
    </main>
  );
}

function SmallMap({ run }: { readonly run: Snapshot }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSize(canvas);
  useEffect(() => {
    const { clientWidth, clientHeight } = canvas.current!;
    const far = run.places
      ? Float32Array.from(run.places, Math.abs).sort()[Math.floor(0.98 * (run.places.length - 1))]
      : 3;
    const scale = Math.min(clientWidth, clientHeight) / 2 / Math.max(3, 1.1 * far);
    drawMap(
      canvas.current!,
      { x: 0, y: 0, scale },
      { places: run.places, labels: heldOut().labels, only: new Set(), means: [], ends: [] },
    );
  });
  return <canvas ref={canvas} class="small-map" role="img" aria-label="Map of codes" />;
}

function BothCurves({ a, b }: { readonly a: Snapshot; readonly b: Snapshot }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSize(canvas);
  useEffect(() => {
    const steps = Math.max(a.step, b.settings.epochs * Math.ceil(b.settings.pictures / BATCH));
    drawCurves(canvas.current!, { losses: b.losses, points: b.epochs, steps, other: a.epochs });
  });
  return <canvas ref={canvas} class="chart" role="img" aria-label="Curves of both: A dashed, B solid" />;
}
