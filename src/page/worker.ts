import { serveJob } from "../host/page/serve-job.ts";
import { runJob } from "../jobs/job.ts";

serveJob(runJob);
