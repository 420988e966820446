import { ShareIcon } from "./icons.tsx";
import { sharing } from "./place.ts";

export function Share() {
  return (
    <button
      type="button"
      class="share"
      title="S"
      onClick={() => {
        sharing.value = true;
      }}
    >
      <ShareIcon />
      Share
    </button>
  );
}
