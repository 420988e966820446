/** What a visitor has closed and need not see again in later visits, where the browser lets a page remember. */
const keyOf = (name: string): string => `reparam.closed.${name}`;

export function wasClosed(name: string): boolean {
  try {
    return localStorage.getItem(keyOf(name)) !== null;
  } catch {
    return false;
  }
}

export function rememberClosed(name: string): void {
  try {
    localStorage.setItem(keyOf(name), "");
  } catch {
    // It is seen again, then.
  }
}
