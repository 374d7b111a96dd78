/** The product's own wrangler.toml with the fixtures' entry: bindings and flags stay the same. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "smol-toml";
import { projectPath } from "../../worker/selfhost/project.ts";

export async function writeFixtureConfig(folder: string): Promise<string> {
  const config = parse(await readFile(projectPath("wrangler.toml"), "utf8"));
  const path = join(folder, "wrangler.toml");
  const main = projectPath("test/conformance/fixture-worker.ts");
  await writeFile(path, stringify({ ...config, main }));
  return path;
}
