import { useEffect, useState } from "preact/hooks";
import { filesOfDrop } from "../lab/files.ts";
import { openFiles } from "../lab/open-files.ts";

/** Takes what is dropped anywhere on the page, and says before the drop what will become of it. */
export function Dropping() {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const over = (event: DragEvent) => {
      const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === "file");
      if (items.length === 0) return;
      event.preventDefault();
      setCount(items.length);
    };
    const leave = (event: DragEvent) => {
      if (!event.relatedTarget) setCount(0);
    };
    const drop = (event: DragEvent) => {
      setCount(0);
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      void filesOfDrop(event.dataTransfer).then(openFiles);
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);
  if (count === 0) return null;
  return (
    <div class="dropping" role="status">
      <p>
        <strong>{`Let go of ${count === 1 ? "it" : `these ${count}`}, and a new run learns from what is inside.`}</strong>
        <br />
        Pictures of one size, in folders of their classes if they have some; a zip of such a folder; IDX, .npy, .npz; a
        table, one example a row. A tenth is held out. A .safetensors model is opened instead. Nothing leaves this
        machine.
      </p>
    </div>
  );
}
