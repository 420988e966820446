import type { Parameter } from "../../src/index.ts";
import { withArticle } from "../drawing/words.ts";
import { examples, noun } from "../lab/examples.ts";
import { statements } from "../lab/families.ts";
import { isLive, modelOf } from "../lab/model.ts";
import type { Settings } from "../lab/settings.ts";
import { redrawn, settings } from "../lab/state.ts";
import { codeOf } from "../lab/ten-lines.ts";
import { CopyButton } from "./copy-button.tsx";
import { familyTitle } from "./families.tsx";
import { Formula } from "./formula.tsx";
import { Picture } from "./picture.tsx";
import { Source } from "./source.tsx";
import { StepPlan } from "./step-plan.tsx";
import { type Try, TryWords, triesNow } from "./tries.tsx";

/** What the model is: in words for who never heard of it, as layers, as a formula, and as code. */
export function HowItWorks() {
  const now = settings.value;
  const { words, formula, source } = statements[now.family];
  const code = codeOf(now);
  const { x, size } = examples.value;
  const tries = triesNow();
  const { layers, encodes, problem } = layersOf(now);
  return (
    <main class="how">
      <h1>How it works</h1>
      <p class="large">{beginning(encodes)}</p>
      <h2>{familyTitle(now.family)}</h2>
      <p>{words}</p>
      <h2>Layers</h2>
      {problem && <p class="problem">{problem}</p>}
      <ol class="layers">
        <li>
          <Picture pictures={x.slice(0, size)} label="A held-out picture" />
        </li>
        {layers.map(({ name, shape }) => (
          <li key={name}>
            <strong>{name.replace(/\.weight$/, "")}</strong>
            <small>{shape.join(" × ")}</small>
          </li>
        ))}
        <li>
          <Picture pictures={redrawn.value?.slice(0, size)} label="The same, redrawn" />
        </li>
      </ol>
      {tries.length > 0 && (
        <p>
          What would be different? You could{" "}
          {tries.map((one, k) => (
            <span key={one.option}>
              {k > 0 && ", or "}
              <TryWords {...one} />
            </span>
          ))}
          . {triesWords(tries, now)}
        </p>
      )}
      <h2>Loss of a picture</h2>
      <Formula of={formula} />
      <Source of={source} />
      <h2>This model in code</h2>
      <pre>{code}</pre>
      <CopyButton key={code} words="Copy" text={() => code} />
      <StepPlan now={now} />
    </main>
  );
}

/** When what is tried is learned. */
function triesWords(tries: readonly Try[], now: Settings): string {
  const [atOnce, anew] = [
    tries.some(({ option }) => isLive(now, option)),
    tries.some(({ option }) => !isLive(now, option)),
  ];
  if (atOnce && anew) return "β changes a model while it learns; the other is learned when you start again.";
  return atOnce ? "It changes the model while it learns." : "It is set at once, and learned when you start again.";
}

/** What a code is, and what training does. */
function beginning(encodes: boolean): string {
  const one = noun();
  const training = `Training shows it ${one}s again and again, and changes it a little each time`;
  return encodes
    ? `A model here is two networks: the encoder squeezes ${withArticle(one)} into a short row of numbers, its code, and the decoder redraws the ${one} from these numbers alone. ${training}, so that what is redrawn comes nearer to what was shown. The loss says how far it still is from that: lower is better. ${one === "picture" ? "Pictures" : "Examples"} that are alike come to have codes that lie near each other, and that is the map.`
    : `This model draws ${withArticle(one)} from a short row of numbers, the code. ${training}, so that what it draws comes nearer to what was shown. Codes that lie near each other come to draw ${one}s that are alike.`;
}

interface Layers {
  readonly layers: readonly Parameter[];
  /** Whether the model makes codes of examples. */
  readonly encodes: boolean;
  readonly problem?: string;
}

/** The layers of a model, or why there is none: not every family takes all data. */
function layersOf(now: Settings): Layers {
  try {
    const { parameters, uses } = modelOf(now);
    const layers = parameters.filter(({ name, trained }) => trained && name.endsWith(".weight"));
    return { layers, encodes: Object.hasOwn(uses, "encode") };
  } catch (error) {
    return { layers: [], encodes: true, problem: (error as Error).message };
  }
}
