import type { Parameter } from "../../src/index.ts";
import { examples } from "../lab/examples.ts";
import { statements } from "../lab/families.ts";
import { modelOf } from "../lab/model.ts";
import type { Settings } from "../lab/settings.ts";
import { redrawn, settings } from "../lab/state.ts";
import { codeOf } from "../lab/ten-lines.ts";
import { CopyButton } from "./copy-button.tsx";
import { familyTitle } from "./families.tsx";
import { Picture } from "./picture.tsx";
import { StepPlan } from "./step-plan.tsx";
import { TryWords, triesNow } from "./tries.tsx";

/** What the model is: in words, as layers, as a formula, and as code. */
export function HowItWorks() {
  const now = settings.value;
  const { words, formula, source } = statements[now.family];
  const code = codeOf(now);
  const { x, size } = examples.value;
  const tries = triesNow();
  const { layers, problem } = layersOf(now);
  return (
    <main class="how">
      <h1>{familyTitle(now.family)}</h1>
      <p class="large">{words}</p>
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
          . It is set at once, and learned when you start again.
        </p>
      )}
      <h2>Loss of a picture</h2>
      <code class="formula">{formula}</code>
      <p class="soft">{source}</p>
      <h2>This model in code</h2>
      <pre>{code}</pre>
      <CopyButton key={code} words="Copy" text={() => code} />
      <StepPlan now={now} />
    </main>
  );
}

/** The layers of a model, or why there is none: not every family takes all data. */
function layersOf(now: Settings): { readonly layers: readonly Parameter[]; readonly problem?: string } {
  try {
    return { layers: modelOf(now).parameters.filter(({ name, trained }) => trained && name.endsWith(".weight")) };
  } catch (error) {
    return { layers: [], problem: (error as Error).message };
  }
}
