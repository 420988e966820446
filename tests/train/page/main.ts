import { modelsInTurn } from "./models.ts";
import { keepAndForget, type Read, readFiles } from "./reading.ts";
import { type Trained, trainAndSample } from "./ten-lines.ts";
import { trainAndSample as trainFromPage } from "./trainer.ts";
import { type Tuned, tuneTwice } from "./tuning.ts";

declare global {
  var trainHere: () => Promise<Trained>;
  var trainInWorker: () => Promise<Trained>;
  var trainByTrainer: () => Promise<Trained>;
  var tuneHere: () => Promise<Tuned>;
  var readHere: () => Promise<Read>;
  var keepHere: typeof keepAndForget;
  var modelsHere: typeof modelsInTurn;
}

globalThis.trainHere = trainAndSample;
globalThis.tuneHere = tuneTwice;
globalThis.trainByTrainer = trainFromPage;
globalThis.readHere = readFiles;
globalThis.keepHere = keepAndForget;
globalThis.modelsHere = modelsInTurn;

globalThis.trainInWorker = () => {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ trained?: Trained; problem?: string }>) => {
      worker.terminate();
      if (data.trained) resolve(data.trained);
      else reject(new Error(data.problem));
    };
    worker.onerror = ({ message }) => reject(new Error(message));
  });
};
