/** A finger that has gone so far sideways pulls, CSS pixels. */
const FAR = 6;

/** A slider that a finger has come down on, and has neither pulled nor left. */
interface Touched {
  readonly slider: HTMLInputElement;
  readonly x: number;
  readonly y: number;
  /** What it was set to before, and what the touch would set it to. */
  readonly before: string;
  wanted?: string;
}

/**
 * Sliders are set by a pull sideways or by a tap, and not by a swipe that begins on one and scrolls what it stands in: browsers set
 * them in the moment of the touch.
 */
export function steadySliders(): void {
  let touched: Touched | undefined;
  const on = <K extends keyof DocumentEventMap>(name: K, act: (event: DocumentEventMap[K]) => void) =>
    document.addEventListener(name, act, { capture: true, passive: true });
  on("pointerdown", ({ pointerType, target, clientX: x, clientY: y }) => {
    touched = pointerType === "touch" && isSlider(target) ? { slider: target, x, y, before: target.value } : undefined;
  });
  on("pointermove", ({ clientX, clientY }) => {
    if (!touched) return;
    const [across, down] = [Math.abs(clientX - touched.x), Math.abs(clientY - touched.y)];
    if (across > FAR && across > down) touched = undefined;
  });
  on("input", (event) => {
    if (!touched || event.target !== touched.slider) return;
    event.stopImmediatePropagation();
    touched.wanted = touched.slider.value;
    touched.slider.value = touched.before;
  });
  on("pointerup", () => {
    const tapped = touched;
    touched = undefined;
    if (tapped?.wanted === undefined) return;
    tapped.slider.value = tapped.wanted;
    tapped.slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  on("pointercancel", () => {
    touched = undefined;
  });
}

const isSlider = (target: EventTarget | null): target is HTMLInputElement =>
  target instanceof HTMLInputElement && target.type === "range";
