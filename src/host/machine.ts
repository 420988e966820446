import { spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";

/** What the search for a browser sees of the computer; tests hand in another one. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly isRoot: boolean;
  isFile(path: string): boolean;
  /** The path without symbolic links, so that one browser under two names is tried once. */
  realPath(path: string): string;
  /** Size and time of the last change of a file, or "" where there is none. */
  fileState(path: string): string;
  /** A text file, or "" where there is none. */
  readText(path: string): string;
  /** Runs a program with its output on stderr, and says whether it succeeded in time. */
  run(command: string, args: readonly string[], options: RunOptions): Promise<boolean>;
}

export interface RunOptions {
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
}

export const thisMachine: Machine = {
  platform: process.platform,
  env: process.env,
  home: homedir(),
  isRoot: process.getuid?.() === 0,
  isFile: (path) => existsSync(path) && statSync(path).isFile(),
  realPath: realpathSync,
  fileState(path) {
    const state = statSync(path, { throwIfNoEntry: false });
    return state ? `${state.size} bytes of ${state.mtime.toISOString()}` : "";
  },
  readText(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return "";
    }
  },
  run(command, args, { timeoutMs, env }) {
    return new Promise((resolve) => {
      // stdout goes to stderr too: ours may be carrying JSON lines.
      const child = spawn(command, args, {
        stdio: ["ignore", 2, 2],
        env: { ...process.env, ...env },
        timeout: timeoutMs,
      });
      child.once("error", () => resolve(false));
      child.once("exit", (code) => resolve(code === 0));
    });
  },
};
