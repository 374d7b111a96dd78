/**
 * Writes that come while others are in progress: those of one turn of the event loop continue together, so that
 * their rows are one commit.
 */
import { after } from "../../after.ts";

export class WriteCompany {
  #underWay = 0;
  #waiting: (() => void)[] = [];

  async during<T>(run: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    try {
      return await run();
    } finally {
      this.#underWay -= 1;
    }
  }

  /**
   * After everything that is ready now; at once for a write that is alone. What follows without a wait is one
   * commit.
   */
  async gather(): Promise<void> {
    if (this.#underWay <= 1) return;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) after(0, () => this.#go());
    });
  }

  #go(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
