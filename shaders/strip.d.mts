export function stripped(source: string): { text: string; line: number }[];
export function jumpsOf(lines: readonly number[]): number[];
