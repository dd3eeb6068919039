/**
 * The tables of the store, and the steps that made them. A step is never edited once it has been in use: a change is a new step.
 *
 * Structured values that are only shown or replayed (a matrix, a configuration's options) are JSON text.
 */

import type { Generated } from "kysely";

/** A hunt or check: what was asked for. */
export interface CampaignTable {
  id: Generated<number>;
  seed: string;
  /** The plan, as JSON: matrix, subjects with versions, batch size. A resumed campaign must have the same. */
  plan: string;
  started: string;
  finished: string | null;
}

/** One unit of work that is done: a batch of programs through some configurations of one subject. */
export interface TaskTable {
  campaign: number;
  /** Its key in the campaign's plan. */
  task: string;
  batch: number;
  programs: number;
  discarded: number;
  seconds: number;
  cpuSeconds: number;
  /** Seconds by stage, as JSON. */
  stages: string;
}

/** What a task measured of one configuration. */
export interface ResultTable {
  campaign: number;
  task: string;
  configuration: string;
  subject: string;
  target: string;
  /** Options as JSON. */
  options: string;
  runs: number;
  /** Counts by verdict, as JSON. */
  verdicts: string;
  compileSeconds: number;
  runSeconds: number;
  textSize: number;
}

export interface SkipTable {
  campaign: number;
  task: string;
  reason: string;
  count: number;
}

export interface FindingTable {
  id: string;
  campaign: number;
  /** Findings with one signature are one finding. */
  signature: string;
  verdict: string;
  subject: string;
  target: string;
  options: string;
  configuration: string;
  /** The configuration it disagrees with; `interpreter` when no other configuration was compared. */
  reference: string;
  version: string;
  seed: string;
  program: number;
  /** What the campaign's programs may use; with seed and number it says which program this is. */
  features: string;
  culprit: string | null;
  event: number | null;
  expected: string | null;
  actual: string | null;
  /** MIR statements of the reduced program. */
  statements: number;
  /** The finding's directory, below the output directory. */
  directory: string;
  status: string;
  found: string;
}

/** Every program that showed a finding, the first included. */
export interface OccurrenceTable {
  finding: string;
  campaign: number;
  task: string;
  program: number;
  configuration: string;
}

export interface Schema {
  campaign: CampaignTable;
  task: TaskTable;
  result: ResultTable;
  skip: SkipTable;
  finding: FindingTable;
  occurrence: OccurrenceTable;
}

export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE campaign (
    id INTEGER PRIMARY KEY, seed TEXT NOT NULL, plan TEXT NOT NULL, started TEXT NOT NULL, finished TEXT
  );
  CREATE TABLE task (
    campaign INTEGER NOT NULL REFERENCES campaign(id), task TEXT NOT NULL, batch INTEGER NOT NULL, programs INTEGER NOT NULL,
    discarded INTEGER NOT NULL, seconds REAL NOT NULL, cpuSeconds REAL NOT NULL, stages TEXT NOT NULL,
    PRIMARY KEY (campaign, task)
  );
  CREATE TABLE result (
    campaign INTEGER NOT NULL, task TEXT NOT NULL, configuration TEXT NOT NULL, subject TEXT NOT NULL, target TEXT NOT NULL,
    options TEXT NOT NULL, runs INTEGER NOT NULL, verdicts TEXT NOT NULL, compileSeconds REAL NOT NULL, runSeconds REAL NOT NULL,
    textSize INTEGER NOT NULL,
    PRIMARY KEY (campaign, task, configuration), FOREIGN KEY (campaign, task) REFERENCES task(campaign, task)
  );
  CREATE TABLE skip (
    campaign INTEGER NOT NULL, task TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (campaign, task, reason), FOREIGN KEY (campaign, task) REFERENCES task(campaign, task)
  );
  CREATE TABLE finding (
    id TEXT PRIMARY KEY, campaign INTEGER NOT NULL REFERENCES campaign(id), signature TEXT NOT NULL UNIQUE, verdict TEXT NOT NULL,
    subject TEXT NOT NULL, target TEXT NOT NULL, options TEXT NOT NULL, configuration TEXT NOT NULL, reference TEXT NOT NULL,
    version TEXT NOT NULL, seed TEXT NOT NULL, program INTEGER NOT NULL, culprit TEXT, event INTEGER, expected TEXT, actual TEXT,
    statements INTEGER NOT NULL, directory TEXT NOT NULL, status TEXT NOT NULL, found TEXT NOT NULL
  );
  CREATE TABLE occurrence (
    finding TEXT NOT NULL REFERENCES finding(id), campaign INTEGER NOT NULL, task TEXT NOT NULL, program INTEGER NOT NULL,
    configuration TEXT NOT NULL,
    PRIMARY KEY (finding, campaign, program, configuration)
  );
  CREATE INDEX occurrence_by_campaign ON occurrence(campaign)
  `,
  "ALTER TABLE finding ADD COLUMN features TEXT NOT NULL DEFAULT 'core'",
];
