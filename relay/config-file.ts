/** Finds and reads the device's own file. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { err, ok, type Result } from "#shared/result.ts";
import { DEFAULT_CONFIG, parseConfig, type Config } from "./config.ts";
import { configFolder, type Environment } from "./environment.ts";
import { errorCodeOf } from "./error-code.ts";
import { mayPass } from "./needs-operator.ts";

export interface LoadedConfig {
  readonly config: Config;
  /** Undefined if there is no file, so that the defaults hold. */
  readonly path: string | undefined;
}

/** The first that is named or exists. The error is the text for the operator. Throws errors that may be temporary. */
export async function loadConfig(
  configPath: string | undefined,
  environment: Environment,
): Promise<Result<LoadedConfig, string>> {
  const { AIMDB_RELAY_CONFIG: variable } = environment.variables;
  const named = configPath ?? (variable === "" ? undefined : variable);
  if (named !== undefined) {
    const text = await readIfThere(named);
    if (!text.ok) return text;
    return text.value === undefined
      ? err(`${named}: there is no such file`)
      : parseFile(named, text.value);
  }
  for (const folder of [configFolder(environment), "/etc/aimdb-relay"]) {
    const path = join(folder, "config.toml");
    const text = await readIfThere(path);
    if (!text.ok) return text;
    if (text.value !== undefined) return parseFile(path, text.value);
  }
  return ok({ config: DEFAULT_CONFIG, path: undefined });
}

async function readIfThere(path: string): Promise<Result<string | undefined, string>> {
  try {
    return ok(await readFile(path, "utf8"));
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return ok(undefined);
    if (mayPass(error))
      throw new Error(`${path}: it can't be read now (${code})`, { cause: error });
    return err(`${path}: it can't be read (${code}). The relay's user needs to read it`);
  }
}

function parseFile(path: string, text: string): Result<LoadedConfig, string> {
  const parsed = parseConfig(text);
  if (parsed.ok) return ok({ config: parsed.value, path });
  return err(parsed.error.map((problem) => `${path}: ${problem}`).join("\n"));
}
