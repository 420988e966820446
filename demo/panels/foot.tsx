import { computed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { drawCurves, termWords } from "../drawing/curves.ts";
import { inWords, spaced } from "../drawing/words.ts";
import { meanPictureLoss } from "../lab/baseline.ts";
import { curveBefore } from "../lab/curve-before.ts";
import { examples, noun, REDRAWN } from "../lab/examples.ts";
import { modelOf, stepsAnEpoch, uses } from "../lab/model.ts";
import { changes, epochs, losses, redrawn, running, samples, settings, shown } from "../lab/state.ts";
import { KlBars } from "./kl.tsx";
import { Picture } from "./picture.tsx";
import { useSize } from "./use-size.ts";

/** How well it goes: curves, what each number says, and held-out examples over their redrawings. */
export function Foot() {
  const now = running.value ?? settings.value;
  const [unit, term, whose] = unitOf();
  const last = epochs.value.at(-1)?.terms;
  const steps = now.epochs * stepsAnEpoch(now);
  const { x, size, count } = examples.value;
  const columns = Math.min(REDRAWN, count);
  return (
    <section class="foot" aria-label="How it goes">
      <div class="curves">
        <h2>
          {`Loss ${whose ? `of the ${inWords(whose)} ` : ""}on held-out ${noun()}s`}
          {last && (
            <span>
              <strong>{last[term]?.toFixed(1)}</strong> {unit === "nats" ? `nats per ${noun()}` : unit}
            </span>
          )}
        </h2>
        {losses.value.length === 0 && <p class="soft">Curves begin with training.</p>}
        <Curves steps={steps} />
        <details class="numbers">
          <summary>as numbers</summary>
          <table>
            <tbody>
              {epochs.value.slice(-12).map(({ step, terms }) => (
                <tr key={step}>
                  <th scope="row">{`step ${step}`}</th>
                  {Object.entries(terms).map(([name, value]) => (
                    <td key={name}>{`${termWords(name)} ${value.toFixed(2)}`}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      </div>
      {uses.value.includes("encode") && <KlBars />}
      <div class="redrawings">
        <h2>
          {redrawn.value || !samples.value
            ? `Held-out ${noun()}s, and below how it redraws them`
            : "What it draws from noise"}
        </h2>
        {redrawn.value || !samples.value ? (
          <>
            <Picture pictures={x.slice(0, columns * size)} columns={columns} label="Held-out pictures" />
            <Picture pictures={redrawn.value} columns={columns} label="The same, redrawn" />
          </>
        ) : (
          <Picture pictures={samples.value.slice(0, 2 * REDRAWN * size)} columns={REDRAWN} label="Drawn from noise" />
        )}
      </div>
    </section>
  );
}

/** What the loss is measured in, the name of the term that is shown large, and of several networks the one whose loss it is. */
function unitOf(): [unit: string, term: string, whose?: string] {
  try {
    const objectives = modelOf(shown.value ?? settings.value).stages.at(-1)!.objectives;
    const { unit, name } = objectives[0];
    return objectives.length > 1 ? [unit, `${name}.loss`, name] : [unit, "loss"];
  } catch {
    return ["", "loss"];
  }
}

const baseline = computed(() => meanPictureLoss(examples.value.x, examples.value.size));

/** What is set while a run goes, in a word. */
const SHORT: Readonly<Record<string, string>> = { klWeight: "β", learningRate: "rate" };

function Curves({ steps }: { readonly steps: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useSize(canvas);
  const [unit, term] = unitOf();
  const scene = {
    losses: losses.value,
    points: epochs.value,
    changes: changes.value.map(({ step, name, value }) => ({
      step,
      name,
      words: `${SHORT[name] ?? spaced(name)} ${value}`,
    })),
    steps,
    // Nothing is drawn, and the baseline not computed, before the first loss.
    ...(losses.value.length > 0 &&
      unit === "nats" &&
      term === "loss" &&
      examples.value.field.unit !== undefined && { baseline: baseline.value }),
    other: curveBefore.value,
  };
  useEffect(() => {
    if (canvas.current) drawCurves(canvas.current, scene);
  });
  const title = scene.baseline === undefined ? undefined : "Dashed: the loss of always drawing the average picture";
  return <canvas ref={canvas} class="chart" role="img" aria-label="Curves of the loss" title={title} />;
}
