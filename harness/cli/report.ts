/** `mirwatch report`: a self-contained HTML page and CSV files of a campaign. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { Diagnostic } from "../../codegen/index.ts";
import { configurationsCsv, findingsCsv } from "../../reports/csv.ts";
import { htmlReport } from "../../reports/html.ts";
import { STORE_FILE } from "../campaign/hunt.ts";
import { campaignTotals, latestCampaign } from "../store/campaigns.ts";
import { openStore } from "../store/database.ts";
import { listFindings } from "../store/findings.ts";
import { configurationTotals } from "../store/measurements.ts";
import { addOutOption, outOf } from "./out-option.ts";

interface ReportOptions {
  readonly out: string;
  readonly to?: string;
}

export function reportCommand(): Command {
  return addOutOption(new Command("report"))
    .description("Write the last campaign's report: report.html, configurations.csv, findings.csv.")
    .option("--to <dir>", "where to write it (default: the directory of --out)")
    .action(report);
}

async function report(options: ReportOptions): Promise<void> {
  const out = outOf(options);
  const path = join(out, STORE_FILE);
  if (!existsSync(path))
    throw new Diagnostic("there are no results yet", {
      file: path,
      help: "run `mirwatch hunt` first, or name another directory with --out",
    });
  const store = openStore(path);
  try {
    const campaign = await latestCampaign(store.db);
    if (campaign === undefined)
      throw new Diagnostic("the store holds no campaign", { file: path, help: "run `mirwatch hunt` first" });
    const configurations = await configurationTotals(store.db, campaign.id);
    const totals = await campaignTotals(store.db, campaign.id);
    const findings = (await listFindings(store.db)).filter((finding) => totals.findings.includes(finding.id));
    const to = resolve(options.to ?? out);
    mkdirSync(to, { recursive: true });
    const write = (name: string, text: string): void => {
      writeFileSync(join(to, name), text);
      process.stdout.write(`${join(to, name)}\n`);
    };
    const withText = findings.map((finding) => ({
      ...finding,
      programText: textOf(join(out, finding.directory, "program.mir")),
    }));
    write("report.html", htmlReport({ seed: campaign.seed, totals, configurations, findings: withText }));
    write("configurations.csv", configurationsCsv(configurations));
    write("findings.csv", findingsCsv(findings));
  } finally {
    await store.close();
  }
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "The program's file is gone.";
}
