// A worker that trains for a page: the public face of this folder.
export type { CheckpointNews, RecoveryNews, RemoteRun, Trainer, TrainerFitOptions, TrainerOptions } from "./connect.ts";
export { createTrainer } from "./create-trainer.ts";
export type { LiveScatter, ScatterChoice, ScatterSight } from "./live-scatter.ts";
export type { DataChoice, ModelChoice, Port } from "./messages.ts";
export { type ServeOptions, serve } from "./serve.ts";
