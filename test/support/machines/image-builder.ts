/**
 * Container images, built by buildah without an engine. Docker Hub's Node is not fetched: a minimal Debian with
 * this Node and npm has its name, which is all that a build asks for.
 */
import { execFile } from "node:child_process";
import { copyFile, cp, mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { debianRoot } from "./debian-machine.ts";
import { rootOrSkip } from "../needed.ts";

const run = promisify(execFile);

const TOOLS = ["buildah", "debootstrap", "unshare", "ip"];
const NODE_FOLDER = "usr/local/lib/node_modules";
const CERTIFICATES = "etc/ssl/certs/ca-certificates.crt";

/** False, loudly, where no image can be built; under CI that is a failure. */
export function canBuildImages(): boolean {
  return rootOrSkip(TOOLS, (missing) => `NO CONTAINER IMAGES (${missing}): they are not built.`);
}

/** What an image says of the containers made of it. */
export interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Volumes: Readonly<Record<string, unknown>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

export class ImageBuilder {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<ImageBuilder> {
    return new ImageBuilder(await mkdtemp(join(tmpdir(), "aimdb-images-")));
  }

  /** An image of that name with Node and npm in it. */
  async makeBase(name: string): Promise<void> {
    const container = await this.buildah(["from", "scratch"]);
    const root = await this.buildah(["mount", container]);
    await run("cp", ["-a", `${await debianRoot()}/.`, root]);
    await rm(join(root, "usr/bin/node"));
    await copyFile(process.execPath, join(root, "usr/local/bin/node"));
    await mkdir(join(root, NODE_FOLDER), { recursive: true });
    await cp(await npmFolder(), join(root, NODE_FOLDER, "npm"), { recursive: true });
    await symlink("../lib/node_modules/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
    // Where the machine fetches its packages through somebody who has a certificate of their own.
    const trusted = process.env["NODE_EXTRA_CA_CERTS"];
    if (trusted !== undefined) await copyFile(trusted, join(root, CERTIFICATES));
    const variables = [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      `NODE_EXTRA_CA_CERTS=/${CERTIFICATES}`,
    ];
    await this.buildah([
      "config",
      ...variables.flatMap((variable) => ["--env", variable]),
      container,
    ]);
    await this.buildah(["commit", "--rm", container, name]);
  }

  /** With the project as its context. */
  async build(file: string, name: string): Promise<void> {
    const options = ["--isolation", "chroot", "--format", "docker", "--pull-never"];
    await this.buildah(["bud", ...options, "-f", file, "-t", name, projectPath(".")]);
  }

  async configOf(name: string): Promise<ImageConfig> {
    const inspected = JSON.parse(await this.buildah(["inspect", "--type", "image", name])) as {
      readonly Docker: { readonly config: ImageConfig };
    };
    return inspected.Docker.config;
  }

  /** A container of the image; its id. */
  async from(name: string): Promise<string> {
    return this.buildah(["from", "--pull-never", name]);
  }

  /** `buildah` with this builder's store, for a shell. */
  get command(): string {
    return ["buildah", ...this.#store].join(" ");
  }

  async buildah(args: readonly string[]): Promise<string> {
    const { stdout } = await run("buildah", [...this.#store, ...args], {
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout.trim();
  }

  async close(): Promise<void> {
    await this.buildah(["umount", "--all"]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #store(): string[] {
    const root = join(this.#folder, "images");
    return ["--storage-driver", "vfs", "--root", root, "--runroot", join(this.#folder, "run")];
  }
}

/** Of the npm that is found by its name. */
async function npmFolder(): Promise<string> {
  const { stdout } = await run("sh", ["-c", "command -v npm"]);
  return dirname(dirname(await realpath(stdout.trim())));
}
