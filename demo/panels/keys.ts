import { useEffect } from "preact/hooks";
import { pressed } from "./key.ts";
import { pageKeys } from "./page-keys.ts";

/** The page's keys: outside of fields, and not behind a dialog. */
export function useKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (document.querySelector("dialog:modal")) return;
      if (pressed(pageKeys, undefined, event) && (event.ctrlKey || event.metaKey)) event.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
