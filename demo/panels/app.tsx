import { signal } from "@preact/signals";
import { Compare } from "./compare.tsx";
import { Foot } from "./foot.tsx";
import { Header } from "./header.tsx";
import { HeldPanel } from "./held.tsx";
import { HowItWorks } from "./how-it-works.tsx";
import { useKeys } from "./keys.ts";
import { MapPanel } from "./map.tsx";
import { ModelPanel } from "./model.tsx";
import { Notices } from "./notices.tsx";
import { PhoneBar } from "./phone-bar.tsx";

export type Place = "play" | "compare" | "how";
export const place = signal<Place>("play");
/** Which pane a phone shows under the map. */
export const pane = signal<"held" | "draw" | "curves" | "model">("held");

export function App() {
  useKeys();
  return (
    <div class="page" data-place={place.value} data-pane={pane.value}>
      <Header />
      {place.value === "play" ? (
        <>
          <ModelPanel />
          <MapPanel />
          <HeldPanel />
          <Foot />
          <PhoneBar />
        </>
      ) : place.value === "compare" ? (
        <Compare />
      ) : (
        <HowItWorks />
      )}
      <Notices />
    </div>
  );
}
