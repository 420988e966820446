import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where this platform keeps what can be fetched or measured again; XDG_CACHE_HOME, which must be absolute, goes first everywhere. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME !== undefined && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, "reparam");
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "reparam");
  if (process.platform === "win32" && LOCALAPPDATA !== undefined) return join(LOCALAPPDATA, "reparam", "Cache");
  return join(homedir(), ".cache", "reparam");
}
