/** Asks the kernel whether TCP_NODELAY is set on a connection of this process. Node can set it and not read it. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Takes a copy of the descriptor from our process, which only root or a parent may do. */
const READ_OPTION = `
import ctypes, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
PIDFD_OPEN, PIDFD_GETFD = 434, 438
pidfd = libc.syscall(PIDFD_OPEN, int(sys.argv[1]), 0)
fd = libc.syscall(PIDFD_GETFD, pidfd, int(sys.argv[2]), 0)
if fd < 0:
    sys.exit("pidfd_getfd: " + os.strerror(ctypes.get_errno()))
print(socket.socket(fileno=fd).getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
`;

export type NoDelay = { readonly known: true; readonly isSet: boolean } | { readonly known: false };

/** Of the connection from this process to `remotePort` on 127.0.0.1. */
export function noDelayOf(remotePort: number): NoDelay {
  const fd = descriptorOf(inodeOf(remotePort));
  try {
    const args = ["-c", READ_OPTION, String(process.pid), fd];
    const answer = execFileSync("python3", args, { encoding: "utf8", stdio: "pipe" });
    return { known: true, isSet: answer.trim() !== "0" };
  } catch (error) {
    if (process.env["CI"] !== undefined) throw error;
    process.stderr.write(`\nTCP_NODELAY IS NOT CHECKED: ${String(error)}\n`);
    return { known: false };
  }
}

function inodeOf(remotePort: number): string {
  const remote = `0100007F:${remotePort.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = readFileSync("/proc/self/net/tcp", "utf8").split("\n");
  const row = lines.map((line) => line.trim().split(/\s+/)).find(([, , to]) => to === remote);
  const inode = row?.[9];
  if (inode === undefined) throw new Error(`No connection to port ${remotePort}`);
  return inode;
}

function descriptorOf(inode: string): string {
  const fd = readdirSync("/proc/self/fd").find((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === `socket:[${inode}]`;
    } catch {
      return false;
    }
  });
  if (fd === undefined) throw new Error(`No descriptor of socket ${inode}`);
  return fd;
}
