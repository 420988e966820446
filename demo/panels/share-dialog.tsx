import { useEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../lab/clipboard.ts";
import { downloadModel, megabytes } from "../lab/download.ts";
import { spelled } from "../lab/fingerprint.ts";
import { modelOf, sharedSettings, stale, weightsOf } from "../lab/model.ts";
import { fingerprint } from "../lab/run.ts";
import { isOwn, toHash } from "../lab/settings.ts";
import { phase, running, shown } from "../lab/state.ts";
import { sharing } from "./place.ts";

/** Numbers that a checkpoint holds of each weight: itself and its two moments, four bytes each. */
const BYTES_A_WEIGHT = 12;

/** About how large the file of the shown model is. */
function sizeWords(): string {
  const now = shown.value;
  if (!now) return "";
  return ` (${megabytes(BYTES_A_WEIGHT * weightsOf(modelOf(now)))})`;
}

/** The link, the code that embeds the page, and the model as a file. */
export function ShareDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [said, setSaid] = useState("");
  const [embedCode, setEmbedCode] = useState("");
  const shared = sharedSettings.value;
  const play = phase.value === "training" || phase.value === "compiling" ? "&play=1" : "";
  // Only of what the link's settings make: not of a run that is under way, or of settings that were changed since.
  const made = running.value && toHash(running.value) === toHash(shared) ? fingerprint.value : undefined;
  const addressOf = (search: string) =>
    `${location.origin}${location.pathname}${search}${toHash(shared)}${play}${made ? `&weights=${made}` : ""}`;
  const address = () => addressOf("");
  const copy = async (text: string, what: string) =>
    setSaid(
      (await copyText(text)) ? `${what} copied.` : "The browser does not let the page copy: mark the text and copy it.",
    );
  useEffect(() => {
    dialog.current!.showModal();
    dialog.current!.querySelector<HTMLElement>(".primary")!.focus();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="sharing"
      aria-label="Share"
      closedby="any"
      onClose={() => {
        sharing.value = false;
      }}
    >
      <h2>Share</h2>
      <h3>A link that trains the same model</h3>
      <div class="copying">
        <input
          type="text"
          readOnly
          aria-label="Link"
          value={address()}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        <button type="button" class="primary" onClick={() => void copy(address(), "Link")}>
          Copy link
        </button>
      </div>
      <p class="soft">
        {isOwn(shared.data)
          ? "It holds the settings and the seed. Your own data stay here, so whoever opens it trains on the digits."
          : "It holds the settings and the seed, not the trained weights: whoever opens it trains the model anew."}{" "}
        {stale.value && "It is of the run that is shown, and not of what you set since. "}
        {made && (
          <>
            On the same adapter that gives the same picture: <strong>{spelled(made)}</strong>
          </>
        )}
      </p>
      <div class="buttons">
        <button
          type="button"
          onClick={() => {
            const code = `<iframe src="${addressOf("?embed=map,draw,train")}" width="960" height="600"></iframe>`;
            setEmbedCode(code);
            void copy(code, "Embed code");
          }}
        >
          Embed in a page
        </button>
        {"share" in navigator && (
          <button type="button" onClick={() => void navigator.share({ url: address() }).catch(() => {})}>
            Send
          </button>
        )}
      </div>
      {embedCode && <textarea readOnly rows={3} aria-label="Embed code" value={embedCode} />}
      <h3>The model as it is now</h3>
      <p class="soft">A file with its weights: dropped on this page it is explored at once, and trained further.</p>
      <div class="buttons">
        <button
          type="button"
          disabled={!shown.value}
          onClick={async () => {
            setSaid("Saving it…");
            setSaid((await downloadModel()) ?? "There is no model yet.");
          }}
        >
          {`Download${sizeWords()}`}
        </button>
        <button type="button" onClick={() => dialog.current!.close()}>
          Close
        </button>
      </div>
      <p role="status" class="soft">
        {said}
      </p>
    </dialog>
  );
}
