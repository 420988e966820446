/** One of the two output streams, as much of it as is used. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width in characters; 80 where unknown. */
  readonly columns: number;
}

/** Where a command talks: results to `stdout`, everything for the eye only to `stderr`. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  /** May lines be redrawn and coloured on stderr? */
  readonly interactive: boolean;
  readonly colors: boolean;
}

function output(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    // A terminal that is being resized, or a serial line, may say 0.
    get columns() {
      return stream.columns || 80;
    },
  };
}

/** The terminal of this process. NO_COLOR (https://no-color.org) and TERM=dumb are honoured. */
export function processTerminal(): Terminal {
  const interactive = process.stderr.isTTY === true && process.env.TERM !== "dumb";
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    interactive,
    colors: interactive && !process.env.NO_COLOR,
  };
}
