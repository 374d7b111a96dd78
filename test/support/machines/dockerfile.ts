/** As much of a Dockerfile as ours use, read into the steps of its last stage. */

export interface ContainerFile {
  readonly from: string;
  readonly steps: readonly Step[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workingFolder: string;
  readonly volumes: readonly string[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

export type Step =
  | { readonly type: "run"; readonly script: string }
  | {
      readonly type: "copy";
      /** A stage's name; undefined is the build context. */
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly to: string;
    };

interface Instruction {
  readonly name: string;
  readonly text: string;
}

export function parseDockerfile(text: string): ContainerFile {
  const instructions = instructionsOf(text);
  const last = instructions.findLastIndex(({ name }) => name === "FROM");
  const stage = instructions.slice(last);
  const only = (wanted: string) => stage.find(({ name }) => name === wanted)?.text ?? "";
  return {
    from: only("FROM"),
    steps: stage.flatMap(toStep),
    environment: Object.fromEntries(
      only("ENV")
        .split(/\s+/)
        .map((pair) => pair.split("=") as [string, string]),
    ),
    user: only("USER"),
    workingFolder: only("WORKDIR") || "/",
    volumes: only("VOLUME").split(/\s+/),
    entrypoint: listOf(only("ENTRYPOINT")),
    command: listOf(only("CMD")),
    healthCheck: listOf(only("HEALTHCHECK").replace(/^.*?CMD /, "")),
  };
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  const whole = lines
    .join("\n")
    .replaceAll(/\s*\\\n\s*/g, " ")
    .split("\n");
  return whole
    .map((line) => /^([A-Z]+)\s+(.*)$/.exec(line.trim()))
    .flatMap((found) => (found === null ? [] : [{ name: found[1] ?? "", text: found[2] ?? "" }]));
}

function toStep({ name, text }: Instruction): Step[] {
  if (name === "RUN") return [{ type: "run", script: text }];
  if (name !== "COPY") return [];
  const words = text.split(/\s+/);
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length);
  const paths = words.filter((word) => !word.startsWith("--"));
  return [{ type: "copy", from, sources: paths.slice(0, -1), to: paths.at(-1) ?? "" }];
}

function listOf(text: string): string[] {
  return text === "" ? [] : (JSON.parse(text) as string[]);
}
