import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { newVerdictCounts } from "../harness/oracle/compare.ts";
import type { ConfigurationTotals } from "../harness/store/measurements.ts";
import { configurationsCsv, findingsCsv } from "./csv.ts";
import { htmlReport, type ReportInput } from "./html.ts";

const CONFIGURATIONS: ConfigurationTotals[] = ["0", "2"].flatMap((level) =>
  ["native", "llvm-19"].map((subject) => ({
    configuration: `${subject}/x/opt-level=${level}`,
    subject,
    target: "x",
    options: { "opt-level": level, lto: "no" },
    runs: 10,
    verdicts: { ...newVerdictCounts(), agree: level === "2" ? 9 : 10, miscompile: level === "2" ? 1 : 0 },
    compileMilliseconds: 1.5,
    textBytes: 300,
  })),
);

const FINDING: ReportInput["findings"][number] = {
  id: "abc",
  campaign: 1,
  signature: "s",
  verdict: "miscompile",
  subject: "native",
  target: "x",
  options: "{}",
  configuration: "native/x/opt-level=2",
  reference: "interpreter",
  version: "1",
  seed: "1",
  program: 5,
  features: "core",
  culprit: "gvn <script>",
  event: 2,
  expected: 'say "1", twice',
  actual: "b",
  statements: 3,
  directory: "findings/abc",
  status: "new",
  found: "now",
  occurrences: 2,
  programText: "fn f<T>() & more",
};

const INPUT: ReportInput = {
  seed: "1",
  totals: {
    programs: 10,
    configurations: 4,
    runs: 40,
    verdicts: { ...newVerdictCounts(), agree: 38, miscompile: 2 },
    skipped: { "llvm-14: reason": 3 },
    findings: ["abc"],
    cpuSeconds: 1,
    stages: {},
  },
  configurations: CONFIGURATIONS,
  findings: [FINDING],
};

describe("the HTML report", () => {
  const html = htmlReport(INPUT);

  test("is one self-contained page: no script, no resource from elsewhere", () => {
    expect(html).not.toMatch(/<script|<link|<img|src=|@import/);
    expect(html.match(/https?:\/\/[^"\s<]+/g)?.filter((url) => !url.startsWith("http://www.w3.org/"))).toBeUndefined();
  });

  test("shows matrix, plots, finding and skips, with text escaped", () => {
    const { document } = parseHTML(html);
    expect(document.querySelectorAll("figure svg").length).toBe(3);
    // The heat map has a cell a configuration.
    expect(document.querySelectorAll("figure svg")[0]!.querySelectorAll("rect").length).toBe(CONFIGURATIONS.length);
    expect(document.querySelector("article#abc h3")!.textContent).toBe("miscompile: gvn <script>");
    expect(document.querySelector("article#abc pre")!.textContent).toBe("fn f<T>() & more");
    expect(document.body.textContent).toContain("3: llvm-14: reason");
    expect(document.querySelectorAll("details tr").length).toBe(1 + CONFIGURATIONS.length);
  });

  test("says so when nothing was found", () => {
    expect(htmlReport({ ...INPUT, findings: [] })).toContain('<p class="none">None.</p>');
  });
});

describe("CSV reports", () => {
  test("a row a configuration, options as columns", () => {
    const [head, ...rows] = configurationsCsv(CONFIGURATIONS).trimEnd().split("\n");
    expect(head).toBe(
      "configuration,subject,target,opt-level,lto,runs,agree,miscompile,crash,compile-error,hang,nondeterminism,compile_ms_per_program,text_bytes_per_program",
    );
    expect(rows.length).toBe(CONFIGURATIONS.length);
    expect(rows[0]).toBe("native/x/opt-level=0,native,x,0,no,10,10,0,0,0,0,0,1.5000,300.0");
  });

  test("text with quotes and commas survives", () => {
    expect(findingsCsv([FINDING])).toContain('"say ""1"", twice"');
  });
});
