import { describe, expect, test } from "vitest";
import { ServiceManager } from "../../../relay/service/service-manager.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { CollectingLog } from "../support/collecting-log.ts";
import { canNotify, NotifySocket } from "../support/device/notify-socket.ts";
import { until } from "../support/until.ts";

function begin(variables: Record<string, string>) {
  const clock = new ManualClock();
  const log = new CollectingLog();
  let line = "Dialing";
  const PATH = process.env["PATH"] ?? "";
  const manager = new ServiceManager({
    variables: { PATH, ...variables },
    clock,
    log,
    describe: () => line,
  });
  const say = (text: string) => {
    line = text;
    manager.statusChanged();
  };
  return { clock, log, manager, say };
}

describe.runIf(canNotify())("ServiceManager under systemd", () => {
  test("says that the relay serves, how it is, and that it stops, in that order", async () => {
    const socket = await NotifySocket.open();
    const { manager, say, log } = begin({ NOTIFY_SOCKET: socket.path });

    void manager.ready();
    say("Linked");
    manager.stopping();
    await manager.close();

    await until("three messages", () => socket.messages.length === 3);
    expect(socket.messages).toEqual(["READY=1;STATUS=Dialing", "STATUS=Linked", "STOPPING=1"]);
    expect(log.entries).toEqual([]);
  });

  test("says in one line, and shows, what a stranger had a part in", async () => {
    const socket = await NotifySocket.open();
    const { manager, say } = begin({ NOTIFY_SOCKET: socket.path });
    say("No link: \u009b2J\u202e\nMAINPID=1");
    await manager.ready();
    await until("a message", () => socket.messages.length > 0);
    expect(socket.messages).toEqual([
      String.raw`READY=1;STATUS=No link: \u009b2J\u202e\u000aMAINPID=1`,
    ]);
  });

  test("says nothing before the relay serves", async () => {
    const socket = await NotifySocket.open();
    const { manager, say } = begin({ NOTIFY_SOCKET: socket.path });
    say("Linked");
    await manager.ready();
    await until("a message", () => socket.messages.length > 0);
    expect(socket.messages).toEqual(["READY=1;STATUS=Linked"]);
  });

  test("feeds the watchdog at half its time, for as long as the relay serves", async () => {
    const socket = await NotifySocket.open();
    const watched = { WATCHDOG_USEC: "120000000", WATCHDOG_PID: String(process.pid) };
    const { manager, clock } = begin({ NOTIFY_SOCKET: socket.path, ...watched });
    await manager.ready();

    clock.advance(59_999);
    expect(clock.timerCount).toBe(1);
    clock.advance(60_001);
    await until("two beats", () => socket.messages.length === 3);
    await manager.close();

    expect(socket.messages.slice(1)).toEqual([
      "WATCHDOG=1;STATUS=Dialing",
      "WATCHDOG=1;STATUS=Dialing",
    ]);
    expect(clock.timerCount).toBe(0);
  });
});

describe("ServiceManager", () => {
  test.each<Record<string, string>>([
    {},
    { WATCHDOG_USEC: "0" },
    { WATCHDOG_USEC: "soon" },
    { WATCHDOG_USEC: "1000000", WATCHDOG_PID: "1" },
  ])("feeds no watchdog that is not its own: %j", async (variables) => {
    const { manager, clock } = begin(variables);
    await manager.ready();
    expect(clock.timerCount).toBe(0);
  });

  test("is quiet where no service manager is", async () => {
    const { manager, say, log } = begin({});
    await manager.ready();
    say("Linked");
    manager.stopping();
    await manager.close();
    expect(log.entries).toEqual([]);
  });

  test("says once that systemd could not be told, and goes on", async () => {
    const { manager, say, log } = begin({ NOTIFY_SOCKET: "/nowhere/n", PATH: "/nowhere" });
    await manager.ready();
    say("Linked");
    await manager.close();
    expect(log.of("service_manager_not_told")).toHaveLength(1);
  });
});
