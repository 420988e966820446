import { useState } from "preact/hooks";

interface CopyButtonProps {
  readonly words: string;
  readonly text: () => string;
}

/** Copies a text, and says whether the browser let it. */
export function CopyButton({ words, text }: CopyButtonProps) {
  const [said, say] = useState(words);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text());
      say("Copied");
    } catch {
      say("Not copied: the browser did not let the page");
    }
  };
  return (
    <button type="button" onClick={() => void copy()}>
      {said}
    </button>
  );
}
