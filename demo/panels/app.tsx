import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { nextTask } from "../../src/data/slices.ts";
import { embedded, type Part } from "../lab/embed.ts";
import { Dropping } from "./dropping.tsx";
import { Foot } from "./foot.tsx";
import { Header } from "./header.tsx";
import { HeldPanel } from "./held.tsx";
import { useKeys } from "./keys.ts";
import { later } from "./later.tsx";
import { MapPanel } from "./map.tsx";
import { ModelPanel } from "./model.tsx";
import { Notices } from "./notices.tsx";
import { PhoneBar } from "./phone-bar.tsx";
import { drawer, familiesAsked, keysAsked, pane, place, sharing } from "./place.ts";
import { TrainBar } from "./train-bar.tsx";

const Compare = later(async () => (await import("./compare.tsx")).Compare);
const HowItWorks = later(async () => (await import("./how-it-works.tsx")).HowItWorks);
const Speed = later(async () => (await import("./speed.tsx")).Speed);
const FamiliesDialog = later(async () => (await import("./families-dialog.tsx")).FamiliesDialog, familiesAsked);
const ShareDialog = later(async () => (await import("./share-dialog.tsx")).ShareDialog, sharing);
const KeyList = later(async () => (await import("./key-list.tsx")).KeyList, keysAsked);

/** Whether all panels are there: the first ones come alone, so that the page answers between them and the others. */
const whole = signal(false);

export function App() {
  useKeys();
  useEffect(() => {
    void nextTask().then(() => {
      whole.value = true;
    });
  }, []);
  if (embedded) return <Embedded parts={embedded} />;
  return (
    <div class="page" data-place={place.value} data-pane={pane.value} data-drawer={drawer.value}>
      <Header />
      {place.value === "play" ? (
        <>
          <ModelPanel />
          {whole.value && (
            <>
              <MapPanel />
              <HeldPanel />
              <Foot />
            </>
          )}
          <PhoneBar />
        </>
      ) : place.value === "compare" ? (
        <Compare />
      ) : place.value === "how" ? (
        <HowItWorks />
      ) : (
        <Speed />
      )}
      <Notices />
      <Dropping />
      {familiesAsked.value && <FamiliesDialog />}
      {sharing.value && <ShareDialog />}
      {keysAsked.value && <KeyList />}
    </div>
  );
}

/** The parts that another page asks for. */
function Embedded({ parts }: { readonly parts: ReadonlySet<Part> }) {
  return (
    <div class="embedded" data-parts={[...parts].join(" ")}>
      {parts.has("model") && <ModelPanel />}
      {parts.has("map") && <MapPanel />}
      {parts.has("draw") && <HeldPanel />}
      {parts.has("curves") && <Foot />}
      {parts.has("train") && <TrainBar />}
      <Notices />
      {familiesAsked.value && <FamiliesDialog />}
      {sharing.value && <ShareDialog />}
      {keysAsked.value && <KeyList />}
    </div>
  );
}
