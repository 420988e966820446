import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import { join } from "node:path";
import { ReparamError } from "../errors.ts";
import { gunzip } from "../formats/gzip.ts";
import { fetchBytes } from "./fetch-bytes.ts";
import { IDX_FILES, type IdxRole } from "./idx-files.ts";

/** A public data set of four IDX files. */
export interface PublicDataset {
  /** Where `<file>.gz` is fetched from. */
  readonly mirror: string;
  /** SHA-256 of each file once unpacked: mirrors may compress the same content in different ways. */
  readonly sha256: Readonly<Record<IdxRole, string>>;
}

export const PUBLIC_DATASETS: Readonly<Record<string, PublicDataset>> = {
  // Y. LeCun, C. Cortes, C. Burges; the unpacked files have the published MD5 sums (6bbc9ace…, a25bea73…, …).
  mnist: {
    mirror: "https://storage.googleapis.com/cvdf-datasets/mnist/",
    sha256: {
      trainImages: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
      trainLabels: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
      testImages: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
      testLabels: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
  },
  // Zalando SE, MIT licence. Keras's mirror: the one of Zalando has no https.
  "fashion-mnist": {
    mirror: "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    sha256: {
      trainImages: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      trainLabels: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      testImages: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      testLabels: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
  },
};

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/**
 * Downloads those of the four files that are not in `folder` yet. A file appears there whole and checked, or not at
 * all. Throws `data` with the address and the reason.
 */
export async function downloadDataset(
  { mirror, sha256: expected }: PublicDataset,
  folder: string,
  missing: readonly IdxRole[],
): Promise<void> {
  await write(folder, () => fs.mkdir(folder, { recursive: true }));
  for (const role of missing) {
    const name = `${IDX_FILES[role]}.gz`;
    const url = mirror.endsWith("/") ? `${mirror}${name}` : `${mirror}/${name}`;
    const bytes = await downloaded(url);
    const found = sha256(gunzip(bytes, url));
    if (found !== expected[role]) {
      throw new ReparamError("data", `${url} has the SHA-256 ${found} once unpacked, expected ${expected[role]}.`);
    }
    const path = join(folder, name);
    const temporary = `${path}.${process.pid}.tmp`;
    await write(path, async () => {
      try {
        await fs.writeFile(temporary, bytes);
        await fs.rename(temporary, path);
      } catch (error) {
        await fs.rm(temporary, { force: true });
        throw error;
      }
    });
  }
}

async function downloaded(url: string): Promise<Uint8Array> {
  try {
    return await fetchBytes(url);
  } catch (error) {
    // fetch says "fetch failed" and hides the reason (ECONNREFUSED, ENOTFOUND) in the cause.
    const { cause, message: said } = error as Error;
    const hidden = said === "fetch failed" && cause instanceof Error;
    const reason = hidden ? (cause as NodeJS.ErrnoException).code || cause.message : undefined;
    const message = `${url} could not be downloaded: ${reason ?? (error as Error).message}.`;
    throw new ReparamError("data", message, { cause: error });
  }
}

async function write(path: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    throw new ReparamError("io", `${path} could not be written: ${(cause as Error).message}.`, { cause });
  }
}
