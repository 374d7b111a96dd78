import { expect, test } from "vitest";
import { readArguments } from "../../../../worker/selfhost/simulator/arguments.ts";

const SOCKET = ["--socket", "/tmp/x.sock"];

test("readArguments() takes a socket, a version and a period", () => {
  expect(readArguments([...SOCKET, "--aimx", "3.0", "--period-ms", "20"])).toEqual({
    ok: true,
    value: { socketPath: "/tmp/x.sock", aimx: "3.0", periodMs: 20 },
  });
});

test("readArguments() leaves the period open", () => {
  expect(readArguments([...SOCKET, "--aimx", "1.0"])).toMatchObject({
    ok: true,
    value: { periodMs: undefined },
  });
});

test.each([
  [["--aimx", "1.0"], "--socket needs the path to listen at"],
  [SOCKET, "--aimx must be one of 1.0, 2.0, 3.0"],
  [[...SOCKET, "--aimx", "4.0"], '--aimx must be one of 1.0, 2.0, 3.0, not "4.0"'],
  [[...SOCKET, "--aimx", "1.0", "--period-ms", "-1"], /--period-ms/],
  [
    [...SOCKET, "--aimx", "1.0", "--period-ms", "often"],
    '--period-ms must be 0 to 86400000, not "often"',
  ],
  [[...SOCKET, "--aimx", "1.0", "--verbose"], /--verbose/],
  [["x", ...SOCKET, "--aimx", "1.0"], /'x'/],
])("readArguments(%j) is refused with a reason", (argv, reason) => {
  const read = readArguments(argv);

  expect(read.ok ? "" : read.error).toMatch(reason);
});
