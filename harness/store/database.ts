/**
 * The store: one SQLite file, opened through Kysely. Migrations are numbered steps, applied in order when the file is opened; the file's
 * `user_version` is the number of steps it has had.
 *
 * The journal is a write-ahead log and every batch's results are one transaction, so that a process killed at any moment leaves whole
 * batches or none of them.
 */

import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from "kysely";
import { Diagnostic } from "../../codegen/index.ts";
import { MIGRATIONS, type Schema } from "./schema.ts";

export type Database = Kysely<Schema>;

export interface Store {
  readonly db: Database;
  readonly path: string;
  close(): Promise<void>;
}

/** Kysely's SQLite dialect expects a driver that says which statements return rows; `node:sqlite` tells it by its columns. */
function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare: (sql: string): SqliteStatement => {
      const statement = database.prepare(sql);
      const input = (parameters: readonly unknown[]): SQLInputValue[] => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...input(parameters)),
        run: (parameters) => statement.run(...input(parameters)),
        iterate: (parameters) => statement.iterate(...input(parameters)) as IterableIterator<unknown>,
      };
    },
  };
}

/**
 * Opens the store at `path`, making or migrating it as needed.
 *
 * @throws Diagnostic when the file cannot be opened, is no database, or was made by a newer version.
 */
export function openStore(path: string): Store {
  let database: DatabaseSync;
  try {
    database = new DatabaseSync(path, { timeout: 10_000 });
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;");
    migrate(database, path);
  } catch (error) {
    if (error instanceof Diagnostic) throw error;
    throw new Diagnostic(`cannot open the result store: ${(error as Error).message}`, {
      file: path,
      help: "free some disk space, move the file away, or choose another directory with --out",
    });
  }
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: adapt(database) }) });
  return { db, path, close: () => db.destroy() };
}

function migrate(database: DatabaseSync, path: string): void {
  const version = Number((database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version);
  if (version > MIGRATIONS.length) {
    throw new Diagnostic(`the result store has schema ${version}, this version knows ${MIGRATIONS.length}`, {
      file: path,
      help: "use the newer mirwatch, or choose another directory with --out",
    });
  }
  for (let step = version; step < MIGRATIONS.length; step++) {
    database.exec(`BEGIN; ${MIGRATIONS[step]!}; PRAGMA user_version = ${step + 1}; COMMIT;`);
  }
}
