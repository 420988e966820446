// What the worker of `createTrainer` runs.
import { serve } from "./serve.ts";

void serve(self);
