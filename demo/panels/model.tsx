import { useRef, useState } from "preact/hooks";
import { statements } from "../../src/config/presets.ts";
import {
  BATCH,
  choose,
  HELD_OUT,
  oneStep,
  pauseOrGoOn,
  phase,
  running,
  setLearningRate,
  setOption,
  settings,
  stale,
  step,
  stepsPerSecond,
  train,
  trainMore,
} from "../lab/lab.ts";
import { accepts, optionOf } from "../lab/settings.ts";
import { Families } from "./families.tsx";
import { Again, Bow, Pause, Play, Step } from "./icons.tsx";
import { OptionField } from "./option-field.tsx";

/** What a slider of a weight goes to. */
const HIGHEST = 10;

/** The one thing to do now. */
export function primary(): { readonly words: string; readonly icon: typeof Play; readonly act: () => void } {
  if (stale.value || running.value === undefined) {
    const words = running.value === undefined ? "Train" : "Start again";
    return { words, icon: Play, act: () => train() };
  }
  switch (phase.value) {
    case "training":
    case "compiling":
      return { words: "Pause", icon: Pause, act: () => void pauseOrGoOn() };
    case "paused":
      return { words: "Go on", icon: Play, act: () => void pauseOrGoOn() };
    case "done":
      return { words: `Train ${running.value.epochs} more`, icon: Play, act: () => void trainMore() };
    default:
      return { words: "Train", icon: Play, act: () => train() };
  }
}

export function ModelPanel() {
  const [sure, setSure] = useState(false);
  const timer = useRef(0);
  const now = settings.value;
  const { words, icon: Icon, act } = primary();
  const statement = statements[now.family];
  const options = Object.entries(statement.options);
  const live = options.filter(([, option]) => option.live);
  const fixed = options.filter(([, option]) => !option.live);
  const first = ["latent", "hidden", "layers", "channels", "widths", "noise", "amount", "likelihood", "loss"];
  const shown = fixed.filter(([name]) => first.includes(name)).sort(([a], [b]) => first.indexOf(a) - first.indexOf(b));
  const more = fixed.filter(([name]) => !first.includes(name));
  const rate = stepsPerSecond.value;
  const perEpoch = Math.ceil((running.value ?? now).pictures / BATCH);
  const startAgain = () => {
    if (running.value !== undefined && !sure) {
      setSure(true);
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => setSure(false), 2000);
      return;
    }
    setSure(false);
    train();
  };
  return (
    <section class="rail left" aria-label="Model">
      <div class="actions">
        <button type="button" class="primary" disabled={["opening", "nowhere"].includes(phase.value)} onClick={act}>
          <Icon />
          {words}
        </button>
        <button
          type="button"
          class="square"
          title="One step (.)"
          aria-label="One step"
          disabled={!running.value || phase.value === "done"}
          onClick={oneStep}
        >
          <Step />
        </button>
        <button
          type="button"
          class="square"
          title="Back to the start (R twice)"
          aria-label={sure ? "Press again to start over" : "Back to the start"}
          data-sure={sure}
          disabled={!running.value}
          onClick={startAgain}
        >
          <Again />
        </button>
      </div>
      <dl class="figures">
        <div>
          <dd>{step.value.toLocaleString()}</dd>
          <dt>steps</dt>
        </div>
        <div>
          <dd>{rate ? rate.toFixed(rate < 10 ? 1 : 0) : "–"}</dd>
          <dt>steps/s</dt>
        </div>
        <div>
          <dd>{Math.floor(step.value / perEpoch)}</dd>
          <dt>epochs</dt>
        </div>
        <div>
          <dd>{rate ? (1000 / rate).toFixed(1) : "–"}</dd>
          <dt>ms a step</dt>
        </div>
      </dl>
      <hr />
      <Families current={now.family} choose={choose} icon={<Bow />} />
      <p class="words">{statement.words}</p>
      <hr />
      <h2>Changes at once</h2>
      {live.map(([name, option]) => (
        <Slider
          key={name}
          name={name}
          label={name === "klWeight" ? "β, the price of information" : spaced(name)}
          help={option.help}
          value={numberOf(optionOf(now, name))}
          high={HIGHEST}
          set={(value) => setOption(name, value)}
        />
      ))}
      <Slider
        name="learningRate"
        label="Learning rate"
        help="how far each step goes"
        value={now.learningRate}
        logarithmic
        set={setLearningRate}
      />
      <hr />
      <h2>Starts anew</h2>
      {shown.map(([name, option]) => (
        <OptionField
          key={name}
          name={name}
          option={option}
          value={optionOf(now, name)}
          set={(value) => accepts(option, value) && setOption(name, value)}
        />
      ))}
      <label class="field">
        Seed
        <input
          type="number"
          min="0"
          value={now.seed}
          onChange={({ currentTarget }) => {
            settings.value = { ...settings.value, seed: Math.max(0, Math.round(Number(currentTarget.value)) || 0) };
          }}
        />
      </label>
      {more.length > 0 && (
        <details>
          <summary>More</summary>
          {more.map(([name, option]) => (
            <OptionField
              key={name}
              name={name}
              option={option}
              value={optionOf(now, name)}
              set={(value) => accepts(option, value) && setOption(name, value)}
            />
          ))}
          <label class="field">
            Epochs
            <input
              type="number"
              min="1"
              value={now.epochs}
              onChange={({ currentTarget }) => {
                settings.value = {
                  ...settings.value,
                  epochs: Math.max(1, Math.round(Number(currentTarget.value)) || 1),
                };
              }}
            />
          </label>
          <label class="field">
            Pictures
            <input
              type="number"
              min="200"
              max="60000"
              step="100"
              value={now.pictures}
              onChange={({ currentTarget }) => {
                const pictures = Math.min(60_000, Math.max(200, Math.round(Number(currentTarget.value)) || 200));
                settings.value = { ...settings.value, pictures };
              }}
            />
          </label>
        </details>
      )}
      <hr />
      <h2>
        Pictures <small>{`${now.pictures.toLocaleString()} of 28 × 28`}</small>
      </h2>
      <p class="words">
        {`Handwritten digits, drawn by the page itself; ${HELD_OUT.toLocaleString()} are held out. Nothing leaves this machine.`}
      </p>
    </section>
  );
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 1);

/** "decayWeight" → "Decay weight" */
export const spaced = (name: string): string => {
  const words = name.replace(/([A-Z])/g, " $1").toLowerCase();
  return words[0].toUpperCase() + words.slice(1);
};

interface SliderProps {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly value: number;
  readonly high?: number;
  readonly logarithmic?: boolean;
  readonly set: (value: number) => void;
}

/** A number to pull; of what is a matter of magnitude, its logarithm. */
function Slider({ name, label, help, value, high = 1, logarithmic = false, set }: SliderProps) {
  const bounds = logarithmic ? { min: -5, max: -1, step: 0.05 } : { min: 0, max: high, step: high / 100 };
  const shown = logarithmic ? Math.log10(value) : value;
  const round = (next: number) => (logarithmic ? Number((10 ** next).toPrecision(2)) : Number(next.toFixed(2)));
  return (
    <label class="slider" title={help}>
      <span>{label}</span>
      <output>{logarithmic ? value.toPrecision(2) : value.toFixed(1)}</output>
      <input
        type="range"
        name={name}
        {...bounds}
        value={shown}
        style={{ "--part": `${(100 * (shown - bounds.min)) / (bounds.max - bounds.min)}%` }}
        onInput={({ currentTarget }) => set(round(Number(currentTarget.value)))}
      />
    </label>
  );
}
