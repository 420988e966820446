import { useState } from "preact/hooks";
import { statements } from "../../src/config/presets.ts";
import { heldOut, modelOf, PIXELS, redrawn, setOption, settings } from "../lab/lab.ts";
import { codeOf } from "../lab/ten-lines.ts";
import { place } from "./app.tsx";
import { Picture } from "./picture.tsx";

/** What the model is: in words, as layers, as a formula, and as code. */
export function HowItWorks() {
  const now = settings.value;
  const { words, formula, source } = statements[now.family];
  const [copied, setCopied] = useState(false);
  const code = codeOf(now);
  const layers = modelOf(now).parameters.filter(({ name, trained }) => trained && name.endsWith(".weight"));
  return (
    <main class="how">
      <h1>{now.family}</h1>
      <p class="large">{words}</p>
      <h2>Layers</h2>
      <ol class="layers">
        <li>
          <Picture pictures={heldOut().pictures.slice(0, PIXELS)} label="A held-out picture" />
        </li>
        {layers.map(({ name, shape }) => (
          <li key={name}>
            <strong>{name.replace(/\.weight$/, "")}</strong>
            <small>{shape.join(" × ")}</small>
          </li>
        ))}
        <li>
          <Picture pictures={redrawn.value?.slice(0, PIXELS)} label="The same, redrawn" />
        </li>
      </ol>
      <p>
        Try{" "}
        {Object.hasOwn(statements[now.family].options, "latent") && (
          <button type="button" class="link" onClick={() => go(() => setOption("latent", 10))}>
            a code of 10 numbers
          </button>
        )}
        {Object.hasOwn(statements[now.family].options, "klWeight") && (
          <>
            {" or "}
            <button type="button" class="link" onClick={() => go(() => setOption("klWeight", 8))}>
              β of 8
            </button>
          </>
        )}
        .
      </p>
      <h2>Loss of a picture</h2>
      <code class="formula">{formula}</code>
      <p class="soft">{source}</p>
      <h2>This model in code</h2>
      <pre>{code}</pre>
      <button
        type="button"
        onClick={() =>
          void navigator.clipboard?.writeText(code).then(
            () => setCopied(true),
            () => setCopied(false),
          )
        }
      >
        {copied ? "Copied" : "Copy"}
      </button>
    </main>
  );
}

function go(set: () => void): void {
  set();
  place.value = "play";
}
