import { signal } from "@preact/signals";
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** The notice that is there; told anew when it grows or shrinks. */
const noticed = signal<{ readonly element: Element } | undefined>(undefined);

interface NoticeProps {
  readonly class?: string;
  readonly "aria-live"?: "assertive";
  readonly children: ComponentChildren;
}

/** Something that is said over the page, and its buttons. */
export function Notice({ class: name = "", children, ...live }: NoticeProps) {
  const aside = useRef<HTMLElement>(null);
  useEffect(() => {
    const element = aside.current!;
    const observer = new ResizeObserver(() => {
      noticed.value = { element };
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      noticed.value = undefined;
    };
  }, []);
  return (
    <aside ref={aside} class={`notice ${name}`} {...live}>
      {children}
    </aside>
  );
}

/** How much of the foot of an element the notice covers, CSS pixels. */
export function useCovered(element: RefObject<Element | null>): number {
  const [covered, cover] = useState(0);
  const notice = noticed.value?.element;
  useLayoutEffect(() => {
    cover(
      notice && element.current
        ? footUnder(notice.getBoundingClientRect(), element.current.getBoundingClientRect())
        : 0,
    );
  });
  return covered;
}

/** How far a rectangle stands in another one, from that one's foot. */
const footUnder = (above: DOMRect, below: DOMRect): number =>
  above.left < below.right && above.right > below.left && above.top < below.bottom && above.bottom > below.top
    ? below.bottom - above.top
    : 0;
