/** The relay as a Debian package: laid out in a folder, built by dpkg-deb. */
import { execFile } from "node:child_process";
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { inheritedEnvironment } from "../environment.ts";
import { projectPath, RELAY_BUNDLE } from "../project.ts";

const run = promisify(execFile);

const FOLDER_MODE = 0o755;
const PROGRAM_MODE = 0o755;
const FILE_MODE = 0o644;

interface PackedFile {
  readonly from: string;
  readonly to: string;
  readonly mode: number;
}

const deploy = (name: string) => projectPath(`relay/deploy/${name}`);

const FILES: readonly PackedFile[] = [
  { from: RELAY_BUNDLE, to: "usr/lib/aimdb-relay/aimdb-relay.js", mode: FILE_MODE },
  {
    from: join(dirname(RELAY_BUNDLE), "package.json"),
    to: "usr/lib/aimdb-relay/package.json",
    mode: FILE_MODE,
  },
  { from: deploy("debian/aimdb-relay"), to: "usr/bin/aimdb-relay", mode: PROGRAM_MODE },
  {
    from: deploy("aimdb-relay.service"),
    to: "usr/lib/systemd/system/aimdb-relay.service",
    mode: FILE_MODE,
  },
  { from: deploy("config.toml"), to: "etc/aimdb-relay/config.toml", mode: FILE_MODE },
  {
    from: deploy("credential.conf"),
    to: "usr/share/doc/aimdb-relay/credential.conf",
    mode: FILE_MODE,
  },
  { from: deploy("README.md"), to: "usr/share/doc/aimdb-relay/README.md", mode: FILE_MODE },
  { from: projectPath("LICENSE"), to: "usr/share/doc/aimdb-relay/copyright", mode: FILE_MODE },
];

const SCRIPTS = ["postinst", "prerm", "postrm"];

const packageSchema = z.object({ version: z.string() });

/** Returns the package's path. dist/ must have been built. */
export async function buildDeb(outputFolder: string): Promise<string> {
  const text = await readFile(projectPath("package.json"), "utf8");
  const { version } = packageSchema.parse(JSON.parse(text));
  const root = await mkdtemp(join(tmpdir(), "aimdb-deb-"));
  try {
    await chmod(root, FOLDER_MODE);
    for (const file of FILES) await lay(root, file);
    await layControl(root, version);
    const path = join(outputFolder, `aimdb-relay_${version}_all.deb`);
    await mkdir(outputFolder, { recursive: true });
    await run("dpkg-deb", ["--root-owner-group", "--build", root, path], {
      env: { ...inheritedEnvironment(), SOURCE_DATE_EPOCH: await dateOf(RELAY_BUNDLE) },
    });
    return path;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function lay(root: string, { from, to, mode }: PackedFile): Promise<void> {
  const path = join(root, to);
  await makeFolders(root, dirname(to));
  await copyFile(from, path);
  await chmod(path, mode);
}

/** With fixed modes, whatever the builder's umask. */
async function makeFolders(root: string, path: string): Promise<void> {
  const parts = path.split("/");
  for (const i of parts.keys()) {
    const folder = join(root, ...parts.slice(0, i + 1));
    await mkdir(folder, { recursive: true });
    await chmod(folder, FOLDER_MODE);
  }
}

async function layControl(root: string, version: string): Promise<void> {
  const folder = join(root, "DEBIAN");
  await makeFolders(root, "DEBIAN");
  const control = await readFile(deploy("debian/control"), "utf8");
  const filled = control
    .replace("@VERSION@", version)
    .replace("@INSTALLED_SIZE@", String(await installedKib()));
  await writeFile(join(folder, "control"), filled, { mode: FILE_MODE });
  await cp(deploy("debian/conffiles"), join(folder, "conffiles"));
  for (const name of SCRIPTS) {
    await lay(root, { from: deploy(`debian/${name}`), to: `DEBIAN/${name}`, mode: PROGRAM_MODE });
  }
}

async function installedKib(): Promise<number> {
  const sizes = await Promise.all(FILES.map(async ({ from }) => (await stat(from)).size));
  return Math.ceil(sizes.reduce((sum, bytes) => sum + bytes, 0) / 1024);
}

/** So that the same bundle makes the same package. */
async function dateOf(path: string): Promise<string> {
  return String(Math.floor((await stat(path)).mtimeMs / 1000));
}
