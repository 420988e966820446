/** What a visitor has closed and need not see again in later visits, where the browser lets a page remember. */
export function wasClosed(name: string): boolean {
  try {
    return name in localStorage;
  } catch {
    return false;
  }
}

export function rememberClosed(name: string): void {
  try {
    localStorage[name] = "closed";
  } catch {
    // It is seen again, then.
  }
}
