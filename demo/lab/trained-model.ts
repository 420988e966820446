import { isKept } from "./kept-run.ts";
import { describedModel } from "./model-file.ts";
import { fromFile, isFromFile } from "./open-files.ts";
import { runCheckpoint } from "./run.ts";
import { kept } from "./session.ts";
import { shippedCheckpoint } from "./shipped.ts";
import { running, shown } from "./state.ts";

/** The shown model as a file, whoever trained it; undefined before there is one. */
export async function trainedModel(): Promise<{ readonly name: string; readonly file: Blob } | undefined> {
  const now = shown.value;
  if (!now) return undefined;
  const bytes = isKept.value
    ? kept.value?.bytes
    : isFromFile.value
      ? fromFile.value?.bytes
      : running.value === now
        ? await runCheckpoint()
        : shippedCheckpoint();
  return bytes && { name: `${now.family}.safetensors`, file: new Blob([describedModel(bytes, now)]) };
}
