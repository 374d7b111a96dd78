/** Calls that wait for a relay that had a link a moment ago. */
import { after } from "../../after.ts";

interface Waiter {
  /** The tool call that it serves. */
  readonly cause: string | undefined;
  readonly settle: (isLive: boolean) => void;
}

export class AwaitedSession {
  readonly #waiters = new Set<Waiter>();

  /** False if no session begins within that time. */
  wait(waitMs: number, cause: string | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = after(waitMs, () => waiter.settle(false));
      const waiter: Waiter = {
        cause,
        settle: (isLive) => {
          cancel();
          this.#waiters.delete(waiter);
          resolve(isLive);
        },
      };
      this.#waiters.add(waiter);
    });
  }

  settleAll(isLive: boolean): void {
    for (const { settle } of this.#waiters) settle(isLive);
  }

  cancel(cause: string): void {
    for (const waiter of this.#waiters) if (waiter.cause === cause) waiter.settle(false);
  }
}
