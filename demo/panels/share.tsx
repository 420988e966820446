import { useEffect, useRef, useState } from "preact/hooks";
import { copyText } from "../lab/clipboard.ts";
import { spelled } from "../lab/fingerprint.ts";
import { fingerprint } from "../lab/run.ts";
import { isOwn, toHash } from "../lab/settings.ts";
import { phase, running, settings, shown } from "../lab/state.ts";
import { trainedModel } from "../lab/trained-model.ts";
import { ShareIcon } from "./icons.tsx";
import { sharing } from "./place.ts";

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Downloads the shown model. */
export async function downloadModel(): Promise<void> {
  const made = await trainedModel();
  if (made) download(made.file, made.name);
}

export function Share() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [copied, setCopied] = useState("");
  const [embedCode, setEmbedCode] = useState("");
  const play = phase.value === "training" || phase.value === "compiling" ? "&play=1" : "";
  // Only of what the link's settings make: not of a run that is under way, or of settings that were changed since.
  const made = running.value && toHash(running.value) === toHash(settings.value) ? fingerprint.value : undefined;
  const addressOf = (search: string) =>
    `${location.origin}${location.pathname}${search}${toHash(settings.value)}${play}${made ? `&weights=${made}` : ""}`;
  const address = () => addressOf("");
  const copy = async (text: string, what: string) =>
    setCopied(
      (await copyText(text)) ? `${what} copied.` : "The browser does not let the page copy: mark the text and copy it.",
    );
  const asked = sharing.value;
  useEffect(() => {
    if (!asked) return;
    setCopied("");
    setEmbedCode("");
    if (!dialog.current!.open) dialog.current!.showModal();
    dialog.current!.querySelector<HTMLElement>(".primary")!.focus();
  }, [asked]);
  return (
    <>
      <button
        type="button"
        class="share"
        title="S"
        onClick={() => {
          sharing.value = true;
        }}
      >
        <ShareIcon />
        Share
      </button>
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
          {isOwn(settings.value.data)
            ? "Settings and seed; your own data stay here, so the link is of the digits."
            : "Settings and seed, nothing else."}{" "}
          {made && (
            <>
              On the same adapter it draws the same picture: <strong>{spelled(made)}</strong>
            </>
          )}
        </p>
        <div class="buttons">
          <button type="button" disabled={!shown.value} onClick={() => void downloadModel()}>
            Trained model
          </button>
          <button
            type="button"
            onClick={() => {
              const code = `<iframe src="${addressOf("?embed=map,draw,train")}" width="960" height="600"></iframe>`;
              setEmbedCode(code);
              void copy(code, "Embed code");
            }}
          >
            Embed
          </button>
          {"share" in navigator && (
            <button type="button" onClick={() => void navigator.share({ url: address() }).catch(() => {})}>
              Send
            </button>
          )}
          <button type="button" onClick={() => dialog.current!.close()}>
            Close
          </button>
        </div>
        {embedCode && <textarea readOnly rows={3} aria-label="Embed code" value={embedCode} />}
        <p role="status" class="soft">
          {copied}
        </p>
      </dialog>
    </>
  );
}
