/** A command's output: its result on standard output, everything for people on standard error. */

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
