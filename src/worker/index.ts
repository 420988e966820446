// A worker that trains for a page: the public face of this folder.
export {
  type CheckpointNews,
  createTrainer,
  type RecoveryNews,
  type Trainer,
  type TrainerFitOptions,
  type TrainerOptions,
} from "./create-trainer.ts";
export type { DataChoice, ModelChoice, Port } from "./messages.ts";
export { type ServeOptions, serve } from "./serve.ts";
