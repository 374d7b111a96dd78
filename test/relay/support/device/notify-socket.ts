/** The socket at which systemd hears of a service, played by perl: Node has no datagram sockets of that kind. */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { freshFolder } from "./fresh-folder.ts";

const RECEIVE = `
use Socket; $| = 1;
socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die; bind($s, sockaddr_un($ARGV[0])) or die;
print "ready\\n";
while (1) { my $from = recv($s, my $text, 65536, 0); $text =~ s/\\n/;/g; print "$text\\n"; }
`;

export class NotifySocket {
  readonly path: string;
  /** What a service said, one entry a message, its lines parted by ";". Barriers are left out. */
  readonly messages: string[] = [];

  private constructor(path: string) {
    this.path = path;
  }

  static async open(): Promise<NotifySocket> {
    const socket = new NotifySocket(join(await freshFolder(), "n"));
    const child = spawn("perl", ["-e", RECEIVE, socket.path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => {
      child.kill();
    });
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve) => {
      lines.once("line", () => resolve());
    });
    lines.on("line", (line) => {
      if (!line.startsWith("BARRIER=")) socket.messages.push(line);
    });
    return socket;
  }
}

/** False, loudly, where the programs are missing; under CI that is a failure. */
export function canNotify(): boolean {
  try {
    execFileSync("systemd-notify", ["--version"], { stdio: "ignore" });
    execFileSync("perl", ["-e", "1"], { stdio: "ignore" });
    return true;
  } catch (error) {
    const text = "NO systemd-notify OR NO perl: what the relay tells systemd is not tested.";
    if (process.env["CI"] !== undefined) throw new Error(text, { cause: error });
    process.stderr.write(`\n${text}\n`);
    return false;
  }
}
