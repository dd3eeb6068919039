/**
 * The HTML report: one self-contained page. Plots are SVG, drawn here, so that the page needs no script and no network.
 */

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { VERDICTS } from "../harness/oracle/compare.ts";
import type { Totals } from "../harness/store/campaigns.ts";
import type { ListedFinding } from "../harness/store/findings.ts";
import type { ConfigurationTotals } from "../harness/store/measurements.ts";

export interface ReportInput {
  readonly seed: string;
  readonly totals: Totals;
  readonly configurations: readonly ConfigurationTotals[];
  readonly findings: readonly (ListedFinding & { readonly programText: string })[];
}

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
  body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; font-size: 13px; }
  th, td { padding: .25rem .6rem; text-align: left; border-bottom: 1px solid #8884; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  pre { overflow: auto; padding: .8rem; border: 1px solid #8884; font-size: 12px; }
  figure { margin: 1rem 0; overflow-x: auto; }
  svg { background: #fff; color: #222; max-width: none; }
  .none { color: #2a7d2a; }
`;

/** The page's text. */
export function htmlReport({ seed, totals, configurations, findings }: ReportInput): string {
  return [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>mirwatch, seed ${escapeHtml(seed)}</title><style>${STYLE}</style></head><body>`,
    `<h1>mirwatch, seed ${escapeHtml(seed)}</h1>`,
    summarySection(totals),
    findingsSection(findings),
    "<h2>Matrix</h2><p>Share of runs that differ from the interpreter, by subject and target (rows) and options (columns).</p>",
    figure(heatMap(configurations)),
    "<h2>Compile time</h2><p>Milliseconds per program, by opt-level; a mark is one configuration.</p>",
    figure(distribution(configurations, "compileMilliseconds", "ms per program")),
    "<h2>Code size</h2><p>Bytes of machine code per program, by opt-level; a mark is one configuration.</p>",
    figure(
      distribution(
        configurations.filter((row) => row.textBytes > 0),
        "textBytes",
        "bytes per program",
      ),
    ),
    configurationTable(configurations),
    "</body></html>",
    "",
  ].join("\n");
}

function summarySection(totals: Totals): string {
  const verdicts = VERDICTS.map((verdict) => `<td class="number">${totals.verdicts[verdict]}</td>`).join("");
  const skips = Object.entries(totals.skipped).map(([reason, count]) => `<li>${count}: ${escapeHtml(reason)}</li>`);
  return [
    `<p>${totals.programs} programs, ${totals.configurations} configurations, ${totals.runs} runs, ${totals.cpuSeconds.toFixed(0)} CPU seconds in mirwatch itself.</p>`,
    `<table><tr>${VERDICTS.map((verdict) => `<th>${verdict}</th>`).join("")}</tr><tr>${verdicts}</tr></table>`,
    skips.length === 0 ? "<p>Nothing was skipped.</p>" : `<p>Skipped runs:</p><ul>${skips.join("")}</ul>`,
  ].join("\n");
}

function findingsSection(findings: ReportInput["findings"]): string {
  if (findings.length === 0) return '<h2>Findings</h2><p class="none">None.</p>';
  return `<h2>Findings</h2>${findings.map(findingArticle).join("\n")}`;
}

function findingArticle(finding: ReportInput["findings"][number]): string {
  const row = (name: string, value: string | number | null): string =>
    `<tr><th>${name}</th><td>${escapeHtml(String(value ?? "unknown"))}</td></tr>`;
  return [
    `<article id="${finding.id}"><h3>${escapeHtml(finding.verdict)}: ${escapeHtml(finding.culprit ?? finding.subject)}</h3><table>`,
    row("id", finding.id),
    row("status", finding.status),
    row("configuration", finding.configuration),
    row("disagrees with", finding.reference),
    row("version", finding.version),
    row("first divergence", finding.event === null ? "none" : `event ${finding.event}`),
    row("expected", finding.expected),
    row("actual", finding.actual),
    row("occurrences", finding.occurrences),
    row("replay", `mirwatch gen --seed ${finding.seed} --program ${finding.program} --features ${finding.features}`),
    `</table><pre>${escapeHtml(finding.programText)}</pre></article>`,
  ].join("\n");
}

/** The options in few letters: `O2, 4 CGUs, lto thin`, then others as they are. */
function column(row: ConfigurationTotals): string {
  const { "opt-level": level, "codegen-units": units, lto, ...others } = row.options;
  const rest = Object.entries(others).map(([name, value]) => `${name} ${value}`);
  return [`O${level}`, `${units} CGU${units === "1" ? "" : "s"}`, `lto ${lto}`, ...rest].join(", ");
}

function heatMap(configurations: readonly ConfigurationTotals[]): PlotOptions {
  const cells = configurations.map((row) => ({
    row: `${row.subject} ${row.target}`,
    column: column(row),
    bad: row.runs === 0 ? 0 : 1 - row.verdicts.agree / row.runs,
    title: `${row.configuration}: ${row.runs - row.verdicts.agree} of ${row.runs} differ`,
  }));
  const columns = new Set(cells.map((cell) => cell.column)).size;
  return {
    width: 360 + columns * 22,
    marginLeft: 300,
    marginBottom: 220,
    x: { tickRotate: -90, label: null },
    y: { label: null },
    color: { scheme: "YlOrRd", domain: [0, Math.max(0.01, ...cells.map((cell) => cell.bad))], legend: false },
    marks: [Plot.cell(cells, { x: "column", y: "row", fill: "bad", title: "title", inset: 0.5 })],
  };
}

type PlotOptions = Parameters<typeof Plot.plot>[0] & object;

function distribution(
  configurations: readonly ConfigurationTotals[],
  measure: "compileMilliseconds" | "textBytes",
  label: string,
): PlotOptions {
  const points = configurations.map((row) => ({
    level: row.options["opt-level"] ?? "",
    subject: row.subject,
    value: row[measure],
    title: `${row.configuration}: ${row[measure].toFixed(2)}`,
  }));
  return {
    width: 900,
    marginLeft: 140,
    grid: true,
    x: { type: "log", label },
    y: { label: null },
    fy: { label: "opt-level" },
    color: { legend: false },
    marks: [Plot.tickX(points, { x: "value", y: "subject", fy: "level", stroke: "subject", title: "title" })],
  };
}

function figure(options: PlotOptions): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const plot = Plot.plot({ ...options, document: document as unknown as PlotOptions["document"] & object });
  return `<figure>${plot.outerHTML}</figure>`;
}

function configurationTable(configurations: readonly ConfigurationTotals[]): string {
  const head = ["configuration", "runs", ...VERDICTS, "compile ms", "text bytes"]
    .map((name) => `<th>${name}</th>`)
    .join("");
  const rows = configurations.map((row) => {
    const numbers = [
      row.runs,
      ...VERDICTS.map((verdict) => row.verdicts[verdict]),
      row.compileMilliseconds.toFixed(3),
      row.textBytes.toFixed(0),
    ];
    return `<tr><td>${escapeHtml(row.configuration)}</td>${numbers.map((n) => `<td class="number">${n}</td>`).join("")}</tr>`;
  });
  return `<details><summary>All configurations (time and size per program)</summary><table><tr>${head}</tr>${rows.join("\n")}</table></details>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c] ?? c);
}
