import { serveJob } from "../../../../src/host/page/serve-job.ts";
import { runTestJob } from "../../jobs.ts";

serveJob(runTestJob);
