/** One per installation, under the one fixed name there is: what exists before any team does. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod/mini";
import { randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { migrate } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import { rootSecrets } from "./root-secrets.ts";
import type { DirectoryRpc, RootSecrets, TeamRef } from "./rpc.ts";
import { DIRECTORY_MIGRATIONS } from "./schema.ts";

const DEFAULT_TEAM_NAME = "default";

const installationRow = z.object({ id: z.string() });
const teamRow = z.object({ id: z.string(), name: z.string() });

export class DirectoryObject extends DurableObject<Env> implements DirectoryRpc {
  /** Random, made on first use: the `aud` of every dial, whatever domain the Worker is under. */
  installation(): string {
    migrate(this.ctx.storage, DIRECTORY_MIGRATIONS);
    const { sql } = this.ctx.storage;
    sql.exec("INSERT OR IGNORE INTO installation VALUES (1, ?)", randomHex(16));
    const [row] = rowsOf(sql, installationRow, "SELECT id FROM installation");
    if (row === undefined) throw new Error("The installation row is missing");
    return row.id;
  }

  /** The team of whoever names none: most installations have one. */
  async defaultTeam(): Promise<TeamRef> {
    return this.ctx.blockConcurrencyWhile(async () => {
      const installation = this.installation();
      const [existing] = rowsOf(
        this.ctx.storage.sql,
        teamRow,
        "SELECT id, name FROM team ORDER BY rowid LIMIT 1",
      );
      return existing ?? this.#createTeam(DEFAULT_TEAM_NAME, installation);
    });
  }

  async createTeam(name: string): Promise<TeamRef> {
    await this.defaultTeam();
    return this.#createTeam(name, this.installation());
  }

  rootSecrets(nowMs: number): RootSecrets {
    migrate(this.ctx.storage, DIRECTORY_MIGRATIONS);
    return rootSecrets(this.ctx.storage.sql, nowMs);
  }

  async #createTeam(name: string, installation: string): Promise<TeamRef> {
    const id = this.env.TEAM.newUniqueId();
    await this.env.TEAM.get(id).create({ name, installation, createdAtMs: Date.now() });
    this.ctx.storage.sql.exec("INSERT INTO team VALUES (?, ?, ?)", id.toString(), name, Date.now());
    return { id: id.toString(), name };
  }
}
