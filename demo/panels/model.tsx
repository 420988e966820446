import { spaced } from "../drawing/words.ts";
import { setLearningRate, setOption } from "../lab/choose.ts";
import { examplesNamed } from "../lab/examples.ts";
import { statements } from "../lab/families.ts";
import { marked } from "../lab/marked.ts";
import { isLive } from "../lab/model.ts";
import { isOwn, optionOf, settingsOf } from "../lab/settings.ts";
import { settings } from "../lab/state.ts";
import { Actions, Figures } from "./actions.tsx";
import { DataPicker } from "./data-picker.tsx";
import { Families } from "./families.tsx";
import { OptionField } from "./option-field.tsx";
import { refusalOf } from "./refusal.ts";
import { Tries } from "./tries.tsx";

/** What a slider of a weight goes to. */
const HIGHEST = 10;
/** So far from the family's own learning rate the slider goes, in powers of ten: what is higher undoes what was learned. */
const [BELOW, ABOVE] = [2, 1];

export function ModelPanel() {
  const now = settings.value;
  const statement = statements[now.family];
  const options = Object.entries(statement.options);
  const live = options.filter(([name]) => isLive(now, name));
  const fixed = options.filter(([, option]) => !option.live);
  const first = ["latent", "hidden", "layers", "channels", "widths", "noise", "amount"];
  const shown = fixed.filter(([name]) => first.includes(name)).sort(([a], [b]) => first.indexOf(a) - first.indexOf(b));
  const more = fixed.filter(([name]) => !first.includes(name));
  const field = ([name, option]: (typeof fixed)[number]) => (
    <OptionField
      key={name}
      name={name}
      option={option}
      value={optionOf(now, name)}
      set={(value) => {
        const refused = refusalOf(now, name, value);
        if (!refused) setOption(name, value);
        return refused;
      }}
    />
  );
  return (
    <section class="rail left" aria-label="Model">
      <Actions />
      <Figures />
      <hr />
      <Families />
      <p class="words">{statement.words}</p>
      <Tries />
      <hr />
      <h2>Changes at once</h2>
      {live.map(([name, option]) => (
        <Slider
          key={name}
          name={name}
          label={name === "klWeight" ? "β, the price of information" : spaced(name)}
          help={option.help}
          value={numberOf(optionOf(now, name))}
          high={option.upTo ?? HIGHEST}
          set={(value) => setOption(name, value)}
        />
      ))}
      <Slider
        name="learningRate"
        label="Learning rate"
        help={
          statement.training?.optimizers
            ? "how far each step of the main network goes; the others keep their own"
            : "how far each step goes"
        }
        value={now.learningRate}
        around={settingsOf(now.family).learningRate}
        set={setLearningRate}
      />
      <hr />
      <h2>Starts anew</h2>
      {shown.map(field)}
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
          <summary>More settings</summary>
          {more.map(field)}
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
          <label class="field" hidden={isOwn(now.data)}>
            {examplesNamed(now.data).field.kind === "image" ? "Pictures" : "Examples"}
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
      <DataPicker />
    </section>
  );
}

const numberOf = (value: unknown): number => (typeof value === "number" ? value : 1);

interface SliderProps {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly value: number;
  readonly high?: number;
  /** What the slider goes around, where the number is a matter of magnitude. */
  readonly around?: number;
  readonly set: (value: number) => void;
}

/** A number to pull; of what is a matter of magnitude, its logarithm. */
function Slider({ name, label, help, value, high = 1, around, set }: SliderProps) {
  const middle = around === undefined ? undefined : Math.log10(around);
  const magnitude = middle !== undefined;
  const bounds = magnitude
    ? { min: middle - BELOW, max: middle + ABOVE, step: 0.05 }
    : { min: 0, max: high, step: high / 100 };
  const shown = magnitude ? Math.log10(value) : value;
  const part = (shown - bounds.min) / (bounds.max - bounds.min);
  const round = (next: number) => (magnitude ? Number((10 ** next).toPrecision(2)) : Number(next.toFixed(2)));
  return (
    <label class="slider" title={help} data-marked={marked.value === name}>
      <span>{label}</span>
      <output>{magnitude ? value.toPrecision(2) : value.toFixed(high > HIGHEST ? 0 : 1)}</output>
      <input
        type="range"
        // The label names what comes first in it that can have one, which is the number.
        aria-label={label}
        name={name}
        {...bounds}
        value={shown}
        // A link may say more than the slider does.
        style={{ "--part": `${100 * Math.min(1, Math.max(0, part))}%` }}
        onInput={({ currentTarget }) => set(round(Number(currentTarget.value)))}
      />
    </label>
  );
}
