import { familyNames } from "../../src/models/family-by-name.ts";
import { statements } from "../lab/families.ts";
import { settings } from "../lab/state.ts";
import { Bow } from "./icons.tsx";
import { familiesAsked } from "./place.ts";

/** "shapes" → "Shapes" */
export const titled = (name: string) => name[0].toUpperCase() + name.slice(1);

/** What people call a family. */
export const familyTitle = (name: string): string => statements[name]?.title ?? titled(name);

/** What an option is set to. */
export const valueWords = (value: unknown): string =>
  Array.isArray(value) ? value.join(", ") || "none" : typeof value === "object" && value ? "a schedule" : String(value);

/** The family that is set, as a button that opens the list of all. */
export function Families() {
  return (
    <button
      type="button"
      class="family"
      aria-haspopup="dialog"
      onClick={() => {
        familiesAsked.value = true;
      }}
    >
      <Bow />
      <span>
        <strong>{familyTitle(settings.value.family)}</strong>
        <small>{`one of ${familyNames.length} families`}</small>
      </span>
    </button>
  );
}
