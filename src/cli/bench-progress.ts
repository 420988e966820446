import type { Terminal } from "./terminal.ts";

/** A log gets a line so often. */
const LOG_MILLISECONDS = 5000;

/** What goes on: one line that is redrawn on a terminal, a line now and then in a log. */
export function progressOn({ stderr, interactive }: Terminal) {
  let last = performance.now();
  const clear = () => interactive && stderr.write("\r\u001b[K");
  return {
    clear,
    say: (line: string) => {
      clear();
      stderr.write(`${line}\n`);
    },
    show: (line: string) => {
      if (interactive) return stderr.write(`\r\u001b[K${line.slice(0, stderr.columns - 1)}`);
      if (performance.now() - last < LOG_MILLISECONDS) return;
      last = performance.now();
      stderr.write(`${line}\n`);
    },
  };
}
