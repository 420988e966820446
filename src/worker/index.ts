// A worker that trains for a page: the public face of this folder.
export type { Trainer, TrainerOptions } from "./connect.ts";
export { createTrainer } from "./create-trainer.ts";
export type { LiveScatter, ScatterChoice, ScatterSight } from "./live-scatter.ts";
export type { DataChoice, ModelChoice, Port } from "./messages.ts";
export type { CheckpointNews, NonFiniteNews, RecoveryNews, RemoteRun, TrainerFitOptions } from "./remote-run.ts";
export { type ServeOptions, serve } from "./serve.ts";
