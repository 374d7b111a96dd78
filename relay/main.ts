/** Entry of `aimdb-relay`: arguments, environment and signals in, an exit status out. */
import { constants, homedir, hostname } from "node:os";
import { errorText } from "#shared/text/error-text.ts";
import { printable } from "#shared/text/printable.ts";
import { parseCommand, USAGE, type Command } from "./cli.ts";
import { confirm } from "./commands/confirm.ts";
import { configCheck } from "./commands/config-check.ts";
import { discover } from "./commands/discover.ts";
import { enroll } from "./commands/enroll.ts";
import { doctor } from "./commands/doctor.ts";
import { rotate } from "./commands/rotate.ts";
import { run } from "./commands/run.ts";
import { metrics } from "./commands/metrics.ts";
import { status } from "./commands/status.ts";
import type { Environment } from "./environment.ts";
import { errorCodeOf } from "./error-code.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { createLog } from "./log.ts";
import { needsOperator } from "./needs-operator.ts";
import { RELAY_VERSION } from "./version.ts";

function createEnvironment(): Environment {
  // Whoever read the log may be gone, or its disk full: that is no reason to serve no longer.
  process.stderr.on("error", () => {});
  return {
    variables: process.env,
    hostName: hostname(),
    homeFolder: homedir(),
    userId: process.getuid?.() ?? 0,
    readStdin,
    // Opened only when used: a daemon does not need them.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    print: (text) => openStdout().write(printable(text)),
    printError: (text) => process.stderr.write(printable(text)),
    log: createLog(
      (line) => process.stderr.write(line),
      () => Date.now(),
    ),
    stop: stopSignal(),
    onHangup: (listener) => {
      process.on("SIGHUP", listener);
      return () => process.off("SIGHUP", listener);
    },
  };
}

let stdout: NodeJS.WriteStream | undefined;

/** A reader such as `head -1` that has enough goes; what was begun is done all the same. */
function openStdout(): NodeJS.WriteStream {
  stdout ??= process.stdout.on("error", (error) => {
    if (errorCodeOf(error) !== "EPIPE") throw error;
  });
  return stdout;
}

/** A second signal ends the process at once, also as the first process of a container. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
      stop.abort();
    });
  }
  return stop.signal;
}

async function readStdin(): Promise<string> {
  let text = "";
  process.stdin.setEncoding("utf8");
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

type Told = Extract<Command, { readonly name: "help" | "version" }>;

async function perform(
  command: Exclude<Command, Told>,
  environment: Environment,
): Promise<ExitCode> {
  switch (command.name) {
    case "enroll":
      return enroll(command, environment);
    case "run":
      return run(command.configPath, environment);
    case "rotate":
      return rotate(command, environment);
    case "stdio": {
      // Not with the others: a relay that serves a worker must not carry the MCP server.
      const { stdio } = await import("./commands/stdio.ts");
      return stdio(command.configPath, environment);
    }
    case "discover":
      return discover(command, environment);
    case "metrics":
      return metrics(environment);
    case "status":
      return status(command, environment);
    case "doctor":
      return doctor(command, environment);
    case "confirm":
      return confirm(command, environment);
    case "config check":
      return configCheck(command, environment);
  }
}

async function main(): Promise<ExitCode> {
  const environment = createEnvironment();
  const command = parseCommand(process.argv.slice(2));
  if (!command.ok) {
    environment.printError(`${command.error}\nRun aimdb-relay --help\n`);
    return EXIT.usage;
  }
  const { value } = command;
  if (value.name === "help" || value.name === "version") {
    environment.print(value.name === "help" ? USAGE : `${RELAY_VERSION}\n`);
    return EXIT.ok;
  }
  try {
    return await perform(value, environment);
  } catch (error) {
    environment.printError(`${errorText(error)}\n`);
    return needsOperator(error) ? EXIT.needsOperator : EXIT.failed;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
