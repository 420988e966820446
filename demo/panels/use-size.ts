import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The size of an element in CSS pixels; whoever asks is drawn again when it changes. */
export function useSize(element: RefObject<HTMLElement | null>): readonly [width: number, height: number] {
  const [size, setSize] = useState<readonly [number, number]>([700, 500]);
  useEffect(() => {
    const observer = new ResizeObserver(([{ contentRect }]) => setSize([contentRect.width, contentRect.height]));
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return size;
}
