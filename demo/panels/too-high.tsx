import { grouped } from "../drawing/words.ts";
import { goBack } from "../lab/go-back.ts";
import { harm, raised } from "../lab/raised.ts";
import { Notice } from "./notice.tsx";

/** Says that a learning rate which was raised undoes what was learned, and offers the run as it was before. */
export function TooHigh() {
  const { step, learningRate } = raised.value!;
  const { before, now } = harm.value!;
  const fate = Number.isFinite(now) ? `the loss rose from ${rounded(before)} to ${rounded(now)}` : "the run stopped";
  return (
    <Notice class="warn" aria-live="assertive">
      <p>
        <strong>The learning rate may be too high.</strong>
        {` After it was raised at step ${grouped(step)}, ${fate}.`}
      </p>
      <button type="button" onClick={goBack}>
        {`Go back there, to ${learningRate}`}
      </button>
      <button
        type="button"
        onClick={() => {
          raised.value = undefined;
        }}
      >
        Close
      </button>
    </Notice>
  );
}

const rounded = (loss: number): string => grouped(Number(loss.toPrecision(4)));
