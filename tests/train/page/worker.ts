import { trainAndSample } from "./ten-lines.ts";

trainAndSample().then(
  (trained) => postMessage({ trained }),
  (error: unknown) => postMessage({ problem: String(error) }),
);
