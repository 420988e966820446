/** Gives a person a file. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Downloads the shown model, and says so; undefined where there is none yet. */
export async function downloadModel(): Promise<string | undefined> {
  const { trainedModel } = await import("./trained-model.ts");
  const made = await trainedModel();
  if (!made) return undefined;
  download(made.file, made.name);
  return `${made.name} is in your downloads: ${megabytes(made.file.size)}.`;
}

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1)} MB`;
