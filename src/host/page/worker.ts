import { runJob } from "../../train/job.ts";
import { serveJob } from "./serve-job.ts";

serveJob(runJob);
