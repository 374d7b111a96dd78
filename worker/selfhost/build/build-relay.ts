/** Builds the relay as one CommonJS file: the loader of ES modules alone costs a gateway megabytes. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import type { BuildOptions, Plugin } from "esbuild";
import { projectPath, RELAY_BUNDLE } from "../project.ts";

const SHARED_OPTIONS = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  legalComments: "inline",
  logLevel: "warning",
  absWorkingDir: projectPath("."),
} as const satisfies BuildOptions;

export const RELAY_OPTIONS = {
  ...SHARED_OPTIONS,
  entryPoints: [projectPath("relay/main.ts")],
  outfile: RELAY_BUNDLE,
  minifySyntax: true,
  banner: { js: "#!/usr/bin/env node" },
  plugins: [packStdio()],
} satisfies BuildOptions;

export async function buildRelay(): Promise<void> {
  const { build } = await import("esbuild");
  await mkdir(dirname(RELAY_BUNDLE), { recursive: true });
  await build(RELAY_OPTIONS);
  await writeFile(join(dirname(RELAY_BUNDLE), "package.json"), '{"type":"commonjs"}\n');
}

/** For the code that only `aimdb-relay stdio` runs. */
export const STDIO_OPTIONS = {
  ...SHARED_OPTIONS,
  entryPoints: [projectPath("relay/commands/stdio.ts")],
  minify: true,
} satisfies BuildOptions;

/**
 * What only `stdio` needs (above all the MCP SDK) is in the one file as a compressed text. Even code that is never
 * run costs every `aimdb-relay run` five times its length, since Node reads and scans it; the text costs half a
 * megabyte.
 */
function packStdio(): Plugin {
  return {
    name: "pack-stdio",
    setup: (building) => {
      building.onLoad({ filter: /relay\/commands\/stdio\.ts$/ }, async () => {
        const { outputFiles } = await building.esbuild.build({ ...STDIO_OPTIONS, write: false });
        const [bundle] = outputFiles;
        return { contents: unpacking(bundle?.text ?? "") };
      });
    },
  };
}

/** A module with the same exports as the packed code. */
function unpacking(code: string): string {
  const packed = brotliCompressSync(code).toString("base64");
  return `
    const { brotliDecompressSync } = require("node:zlib");
    const { compileFunction } = require("node:vm");
    const code = brotliDecompressSync(Buffer.from("${packed}", "base64")).toString();
    const run = compileFunction(code, ["module", "exports", "require"], { filename: "aimdb-relay-stdio.js" });
    const packed = { exports: {} };
    run(packed, packed.exports, require);
    export const { stdio } = packed.exports;
  `;
}
