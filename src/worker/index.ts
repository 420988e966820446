// A worker that trains for a page: the public face of this folder.
export type { CheckpointNews, RecoveryNews, Trainer, TrainerFitOptions, TrainerOptions } from "./connect.ts";
export { createTrainer } from "./create-trainer.ts";
export type { DataChoice, ModelChoice, Port } from "./messages.ts";
export { type ServeOptions, serve } from "./serve.ts";
