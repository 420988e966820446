import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { BenchReport } from "../../src/bench/report.ts";
import {
  describeMethod,
  formatError,
  formatGiga,
  formatPercent,
  formatSeconds,
  remarksOf,
} from "../../src/report/bench-text.ts";
import { rooflinePoints, rooflineSvg } from "../../src/report/roofline.ts";
import { type SelfTestReport, selfTestText } from "../../src/selftest/report.ts";
import { askGpu } from "../lab/gpu-questions.ts";
import { check, checked, measure, measured } from "../lab/speed.ts";
import { adapter, phase, software } from "../lab/state.ts";
import { Asking } from "./asking.tsx";
import { CopyButton } from "./copy-button.tsx";

/** The kernels that can be measured, and which of them is chosen; all where none is. */
const known = signal<readonly string[]>([]);
const chosen = signal("");

/** How quick this machine is at what training is made of, and whether it computes right. */
export function Speed() {
  return (
    <main class="how speed">
      <h1>Speed</h1>
      <p class="large">{whereWords()}</p>
      <Check />
      <Measure />
    </main>
  );
}

function whereWords(): string {
  if (phase.value === "nowhere")
    return "This browser gives the page no graphics processor, so there is nothing to measure.";
  if (phase.value === "opening") return "Looking for your GPU.";
  const slow = software.value ? " There is no graphics processor here, and the processor does its work." : "";
  return `Measured on ${adapter.value}.${slow} A run stands still meanwhile.`;
}

/** The self-test: every family of kernels against float64, on this very adapter. */
function Check() {
  const report = checked.value;
  const wrong = report?.rows.filter(({ ok }) => !ok) ?? [];
  return (
    <section aria-labelledby="check-title">
      <h2 id="check-title">Check</h2>
      <p>Does this machine compute right? Each kind of kernel runs once and is compared with float64.</p>
      <Asking ask="check" words={report ? "Check again" : "Check"} start={() => void check()} />
      {report && (
        <>
          <p class={report.ok ? "correct" : "problem"}>
            {report.ok
              ? `All ${report.rows.length} are right.`
              : `${wrong.length} of ${report.rows.length} are not right.`}
          </p>
          {wrong.length > 0 && <Checked rows={wrong} />}
          <details>
            <summary>all of them</summary>
            <Checked rows={report.rows} />
          </details>
          <CopyButton words="Copy for a bug report" text={() => selfTestText(report)} />
        </>
      )}
    </section>
  );
}

function Checked({ rows }: { readonly rows: SelfTestReport["rows"] }) {
  return (
    <div class="wide">
      <table>
        <thead>
          <tr>
            {["kernel", "", "shape", "error", "bound"].map((title, k) => (
              <th key={k} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ kernel, variant, shape, error, bound, ok, reason }, k) => (
            <tr key={k}>
              <th scope="row">{kernel}</th>
              <td>{variant}</td>
              <td>{shape}</td>
              <td class={ok ? "" : "problem"} title={reason}>
                {error === null ? (reason ?? "–") : error === 0 ? "exact" : error.toExponential(1)}
              </td>
              <td>{bound?.toExponential(1) ?? "–"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The kernel benchmark: every kernel checked against float64, then timed against what the adapter can do. */
function Measure() {
  useEffect(() => {
    if (known.value.length > 0) return;
    askGpu({ ask: "kernels" }).then(
      (names) => {
        known.value = names;
      },
      () => {}, // told where something is measured
    );
  }, []);
  const report = measured.value;
  return (
    <section aria-labelledby="measure-title">
      <h2 id="measure-title">Measure</h2>
      <p>
        Each kernel is compared with float64, and then timed in turns with all others and with the two ceilings.
        {software.value && " Without a graphics processor all of them take minutes."}
      </p>
      <label class="field kernels">
        Kernels
        <select
          value={chosen.value}
          onChange={({ currentTarget }) => {
            chosen.value = currentTarget.value;
          }}
        >
          <option value="">all</option>
          {known.value.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Asking
        ask="measure"
        words={report ? "Measure again" : "Measure"}
        start={() => void measure(chosen.value ? [chosen.value] : known.value)}
      />
      {report && <Measured report={report} />}
    </section>
  );
}

function Measured({ report }: { readonly report: BenchReport }) {
  const { ceilings, kernels } = report;
  const points = rooflinePoints(kernels);
  return (
    <>
      {ceilings && points.length > 0 && (
        <div
          class="plot"
          // Our own drawing, in which names are escaped.
          dangerouslySetInnerHTML={{ __html: rooflineSvg(points, ceilings) }}
        />
      )}
      <div class="wide">
        <table>
          <thead>
            <tr>
              {["", "kernel", "shape", "error", "time", "GFLOP/s", "GB/s", "roofline"].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {kernels.map((result, k) => {
              const { kernel, variant, shape, status, time } = result;
              return (
                <tr key={k}>
                  <td>{k + 1}</td>
                  <th scope="row">
                    {kernel} <small>{variant}</small>
                  </th>
                  <td>{shape}</td>
                  <td class={status === "ok" ? "" : "problem"}>{formatError(result)}</td>
                  <td>{time && formatSeconds(time.median)}</td>
                  <td>{time && formatGiga(time.flopsPerSecond)}</td>
                  <td>{time && formatGiga(time.bytesPerSecond)}</td>
                  <td>{time && formatPercent(time.roofline)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <ul class="remarks">
        {remarksOf(kernels).map(({ text, bad }) => (
          <li key={text} class={bad ? "problem" : ""}>
            {text}
          </li>
        ))}
      </ul>
      <p class="soft">{`${describeMethod(report)}. Roofline: the time that the ceilings allow as a part of the time taken.`}</p>
      <CopyButton words="Copy JSON" text={() => JSON.stringify(report, undefined, 2)} />
    </>
  );
}
