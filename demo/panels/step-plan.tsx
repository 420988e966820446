import { useEffect, useState } from "preact/hooks";
import { isProduct } from "../../src/plan/plan.ts";
import { formatPercent, formatSeconds } from "../../src/report/bench-text.ts";
import type { Launch, PlannedStage } from "../lab/gpu-questions.ts";
import type { Settings } from "../lab/settings.ts";
import { phase } from "../lab/state.ts";
import { planStep, stepPlan, timeStep } from "../lab/step-plan.ts";
import { Asking } from "./asking.tsx";

/** What one training step launches, in order: a bar of time shares, a row a kernel, and the WGSL of each. */
export function StepPlan({ now }: { readonly now: Settings }) {
  const [stage, setStage] = useState(0);
  const able = phase.value !== "nowhere" && phase.value !== "opening";
  useEffect(() => {
    if (able) planStep(now);
  }, [able, now]);
  const { stages = [], problem, timed } = stepPlan.value ?? {};
  const launches = (stages[stage] ?? stages[0])?.launches ?? [];
  const report = timed && stages[timed.stage] === (stages[stage] ?? stages[0]) ? timed.report : undefined;
  const shares = launches.map((_, k) => report?.kernels[k]?.share);
  const step = report?.kernels.at(-1)?.time?.median;
  return (
    <section class="plan" aria-labelledby="plan-title">
      <h2 id="plan-title">One training step</h2>
      {!able && <p class="soft">The plan of a step is made for a graphics processor, and there is none here yet.</p>}
      {problem && <p class="problem">{problem}</p>}
      {stages.length > 1 && <Stages stages={stages} stage={stage} choose={setStage} />}
      {launches.length > 0 && (
        <>
          <p>
            {`${launches.length} launches, made before training and replayed each step.`}
            {step !== undefined && ` Together they take ${formatSeconds(step)} here.`}
          </p>
          <Asking
            ask="time"
            words={report ? "Measure again" : "Measure the shares"}
            start={() => void timeStep(now, stage)}
          />
          <ShareBar launches={launches} shares={shares} />
          <div class="wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">kernel</th>
                  <th scope="col">computes</th>
                  <th scope="col">shape</th>
                  <th scope="col">share</th>
                </tr>
              </thead>
              <tbody>
                {launches.map((launch, k) => (
                  <LaunchRows key={k} launch={launch} share={shares[k]} />
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

interface LaunchRowsProps {
  readonly launch: Launch;
  readonly share: number | undefined;
}

/** A launch, and below it its WGSL where somebody asked for it. */
function LaunchRows({ launch: { kernel, label, shape, code }, share }: LaunchRowsProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <tr>
        <th scope="row">
          <button type="button" class="link" aria-expanded={open} title="Its WGSL" onClick={() => setOpen(!open)}>
            {kernel}
          </button>
        </th>
        <td>{label}</td>
        <td>{shape}</td>
        <td>{percentOf(share)}</td>
      </tr>
      {open && (
        <tr>
          <td colSpan={4}>
            <pre class="wgsl">{indented(code)}</pre>
          </td>
        </tr>
      )}
    </>
  );
}

const percentOf = (share: number | undefined): string => (share === undefined ? "–" : formatPercent(share));

interface StagesProps {
  readonly stages: readonly PlannedStage[];
  readonly stage: number;
  readonly choose: (stage: number) => void;
}

function Stages({ stages, stage, choose }: StagesProps) {
  return (
    <label class="field">
      Stage
      <select value={stage} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
        {stages.map(({ name }, k) => (
          <option key={name} value={k}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ShareBarProps {
  readonly launches: PlannedStage["launches"];
  readonly shares: readonly (number | undefined)[];
}

/** Time shares side by side, in the order of the step; before they are measured, its room. */
function ShareBar({ launches, shares }: ShareBarProps) {
  const largest = launches
    .map(({ kernel, label }, k) => ({ name: `${kernel} (${label})`, share: shares[k] ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .slice(0, 3)
    .map(({ name, share }) => `${name} ${formatPercent(share)}`);
  const measured = shares.some((share) => share !== undefined);
  const name = measured ? `Shares of time, the largest: ${largest.join(", ")}` : "Shares of time, not measured yet";
  return (
    <figure>
      <div class="shares" role="img" aria-label={name}>
        {measured &&
          launches.map(({ kernel, label, shape }, k) => (
            <i
              key={k}
              data-product={isProduct({ kernel })}
              style={{ flexGrow: shares[k] ?? 0 }}
              title={`${kernel} ${shape}: ${label}, ${percentOf(shares[k])}`}
            />
          ))}
      </div>
      <figcaption>Products and convolutions are blue, all else is grey.</figcaption>
    </figure>
  );
}

/** WGSL that ships without indentation, with it. */
function indented(code: string): string {
  let depth = 0;
  return code
    .split("\n")
    .map((line) => {
      const closing = /^\s*[})\]]/.test(line) ? 1 : 0;
      const text = "  ".repeat(Math.max(0, depth - closing)) + line.trim();
      depth += (line.match(/[{([]/g)?.length ?? 0) - (line.match(/[})\]]/g)?.length ?? 0);
      return text;
    })
    .join("\n");
}
