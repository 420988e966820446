import { useState } from "preact/hooks";
import { copyText } from "../lab/clipboard.ts";

interface CopyButtonProps {
  readonly words: string;
  readonly text: () => string;
}

/** Copies a text, and says whether the browser let it. */
export function CopyButton({ words, text }: CopyButtonProps) {
  const [said, say] = useState(words);
  const copy = async () => {
    say((await copyText(text())) ? "Copied" : "Not copied: the browser did not let the page");
  };
  return (
    <button type="button" onClick={() => void copy()}>
      {said}
    </button>
  );
}
