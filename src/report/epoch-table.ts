import type { ReportEpoch, Units } from "./epoch.ts";
import { decimalsFor, describeUnit, duration, escapeHtml, formatNumber, rate } from "./html-text.ts";

type Group = "train" | "test" | "schedules";

interface Column {
  readonly group: Group;
  readonly name: string;
  readonly values: readonly (number | undefined)[];
}

/** The epochs as a table; of a run with stages, whose terms differ, one for each. */
export function epochTables(epochs: readonly ReportEpoch[], units: Units, best: ReportEpoch | undefined): string {
  if (epochs.length === 0) return "<p>No epoch was completed.</p>";
  const stages = [...new Set(epochs.map(({ stage }) => stage))];
  return stages
    .map((stage) => {
      const title = stage === undefined ? "" : `<h3>${escapeHtml(stage)}</h3>`;
      const own = epochs.filter((epoch) => epoch.stage === stage);
      return title + epochTable(own, { ...units, ...own.at(-1)?.units }, best);
    })
    .join("\n");
}

function epochTable(epochs: readonly ReportEpoch[], units: Units, best: ReportEpoch | undefined): string {
  const columns = (["train", "test", "schedules"] as const).flatMap((group) => columnsOf(epochs, group));
  const isFirst = (column: Column) => columns.find(({ group }) => group === column.group) === column;
  const groups = columns.filter(isFirst).map(({ group }) => {
    const count = columns.filter((other) => other.group === group).length;
    return `<th colspan="${count}" scope="colgroup" class="group">${group}</th>`;
  });
  const names = columns.map((column) => {
    const unit = column.group === "schedules" ? "" : describeUnit(units[column.name]);
    const title = unit && ` title="${escapeHtml(unit)}"`;
    return `<th scope="col" class="${isFirst(column) ? column.group : ""}"${title}>${escapeHtml(column.name)}</th>`;
  });
  const decimals = columns.map(({ values }) => decimalsFor(values));
  const rows = epochs.map((epoch, row) => {
    const cells = columns.map(
      (column, k) =>
        `<td class="${isFirst(column) ? column.group : ""}">${formatNumber(column.values[row], decimals[k])}</td>`,
    );
    const times = `<td class="time">${duration(epoch.seconds)}</td><td>${rate(epoch.stepsPerSecond)}</td>`;
    return `<tr${epoch === best ? ' class="best"' : ""}><th scope="row">${epoch.epoch}</th>${cells.join("")}${times}</tr>`;
  });
  return `<div class="scroll"><table>
<caption>${escapeHtml(captionOf(columns, units))}</caption>
<thead><tr><th rowspan="2" scope="col">epoch</th>${groups.join("")}<th rowspan="2" scope="col" class="time">time</th>
<th rowspan="2" scope="col">steps/s</th></tr><tr>${names.join("")}</tr></thead>
<tbody>${rows.join("\n")}</tbody>
</table></div>`;
}

/** The columns of a group; a schedule that stands still says nothing. */
function columnsOf(epochs: readonly ReportEpoch[], group: Group): Column[] {
  const names = [...new Set(epochs.flatMap((epoch) => Object.keys(epoch[group] ?? {})))];
  const columns = names.map((name) => ({ group, name, values: epochs.map((epoch) => epoch[group]?.[name]) }));
  return columns.filter(({ values }) => group !== "schedules" || values.some((value) => value !== values[0]));
}

/** `loss, kl: nats an example; error: a plain number` */
function captionOf(columns: readonly Column[], units: Units): string {
  const terms = [...new Set(columns.filter(({ group }) => group !== "schedules").map(({ name }) => name))];
  const kinds = [...new Set(terms.map((name) => units[name] ?? ""))];
  if (kinds.length === 1) return kinds[0] && `In ${describeUnit(kinds[0])}.`;
  const parts = kinds.map((unit) => {
    const names = terms.filter((name) => (units[name] ?? "") === unit);
    return `${names.join(", ")} ${unit ? `in ${describeUnit(unit)}` : "plain numbers"}`;
  });
  return `${parts.join("; ")}.`;
}
