/** Copies a text; false where the browser does not let the page, as it has no clipboard for one that came over http. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
