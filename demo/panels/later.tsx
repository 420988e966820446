import { signal } from "@preact/signals";
import type { ComponentChild, ComponentType } from "preact";
import { useEffect } from "preact/hooks";

/** A place or a dialog whose code is loaded when it is first shown, since most visitors go there late or never. */
export function later(
  load: () => Promise<ComponentType>,
  meanwhile: ComponentChild = <main aria-busy="true" />,
): ComponentType {
  const loaded = signal<{ readonly panel: ComponentType } | undefined>(undefined);
  return () => {
    useEffect(() => {
      if (loaded.value) return;
      void load().then((panel) => {
        loaded.value = { panel };
      });
    }, []);
    const Panel = loaded.value?.panel;
    return Panel ? <Panel /> : meanwhile;
  };
}
