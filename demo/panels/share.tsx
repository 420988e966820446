import { useRef, useState } from "preact/hooks";
import { describedModel } from "../lab/model-file.ts";
import { trainedModel } from "../lab/run.ts";
import { OWN, toHash } from "../lab/settings.ts";
import { phase, running, settings } from "../lab/state.ts";
import { ShareIcon } from "./icons.tsx";

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The trained model as a file. */
export async function downloadModel(): Promise<void> {
  const bytes = await trainedModel();
  const now = running.value;
  if (bytes && now) download(new Blob([describedModel(bytes, now)]), `${now.family}.safetensors`);
}

/** A hash of the trained weights: two pages that show the same one show the same pictures. */
async function fingerprint(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  const hex = [...digest.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 4)} ${hex.slice(4)}`;
}

export function Share() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [copied, setCopied] = useState("");
  const [hash, setHash] = useState("");
  const play = phase.value === "training" || phase.value === "compiling" ? "&play=1" : "";
  const addressOf = (search: string) =>
    `${location.origin}${location.pathname}${search}${toHash(settings.value)}${play}`;
  const address = () => addressOf("");
  const copy = async (text: string, what: string) => {
    await navigator.clipboard?.writeText(text).then(
      () => setCopied(`${what} copied.`),
      () => setCopied("The browser did not let the page copy: mark the text and copy it."),
    );
  };
  return (
    <>
      <button
        type="button"
        class="share"
        onClick={() => {
          setCopied("");
          setHash("");
          dialog.current!.showModal();
          dialog.current!.querySelector<HTMLElement>(".primary")!.focus();
          if (running.value)
            void trainedModel().then(
              async (bytes) => bytes && setHash(await fingerprint(bytes)),
              () => {},
            );
        }}
      >
        <ShareIcon />
        Share
      </button>
      <dialog ref={dialog} class="sharing" aria-label="Share" closedby="any">
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
          {settings.value.data === OWN
            ? "Settings and seed; your own data stay here, so the link is of the digits."
            : "Settings and seed, nothing else."}{" "}
          {hash && (
            <>
              On the same adapter it draws the same picture: <strong>{hash}</strong>
            </>
          )}
        </p>
        <div class="buttons">
          <button type="button" disabled={!running.value} onClick={() => void downloadModel()}>
            Trained model
          </button>
          <button
            type="button"
            onClick={() =>
              void copy(
                `<iframe src="${addressOf("?embed=map,draw,train")}" width="960" height="600"></iframe>`,
                "Embed code",
              )
            }
          >
            Embed
          </button>
          <button type="button" onClick={() => dialog.current!.close()}>
            Close
          </button>
        </div>
        <p role="status" class="soft">
          {copied}
        </p>
      </dialog>
    </>
  );
}
