import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Epoch, FitOptions, Run } from "../../src/index.ts";

export interface KeptRun {
  readonly options: Pick<FitOptions, "resume" | "onCheckpoint" | "checkpointEvery">;
  /** Trains to the end; all epochs, those of before an interruption too. */
  finish(run: Run): Promise<readonly Epoch[]>;
}

/**
 * A run of hours, which a test that was interrupted goes on with: its newest checkpoint is in the folder that REPARAM_KEEP
 * names, since a run that goes on ends in the same bytes. Without that variable it begins anew.
 */
export function keptRun(name: string): KeptRun {
  const folder = process.env.REPARAM_KEEP;
  if (!folder) return { options: {}, finish: (run) => run.finished.then(() => run.history) };
  mkdirSync(folder, { recursive: true });
  const [checkpoint, told] = [`${name}.safetensors`, `${name}.json`].map((file) => join(folder, file));
  const epochs = new Map<number, Epoch>(
    existsSync(told) ? (JSON.parse(readFileSync(told, "utf8")) as Epoch[]).map((epoch) => [epoch.step, epoch]) : [],
  );
  return {
    options: {
      ...(existsSync(checkpoint) && { resume: readFileSync(checkpoint) }),
      checkpointEvery: "2m",
      onCheckpoint: ({ bytes, step }) => {
        console.log(`${name}: kept at step ${step}`);
        write(checkpoint, bytes());
      },
    },
    finish: async (run) => {
      for await (const epoch of run) {
        epochs.set(epoch.step, epoch);
        write(told, JSON.stringify([...epochs.values()]));
      }
      return [...epochs.values()];
    },
  };
}

function write(file: string, content: string | Uint8Array): void {
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}
