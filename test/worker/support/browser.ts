/** A browser as far as the Worker sees one: keeps cookies, sends Origin with its posts. */
import { fetchWorker, ORIGIN } from "./worker.ts";
import type { Env } from "../../../worker/env.ts";

export class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #settings: Partial<Env>;
  readonly #address: string;

  constructor(settings: Partial<Env> = {}, address = `192.0.2.${(nextHost += 1) % 250}`) {
    this.#settings = settings;
    this.#address = address;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.#fetch(path, { headers });
  }

  /** With the hidden fields of the form that posts there, as `page` has it. */
  post(
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return this.#fetch(path, {
      method: "POST",
      headers: { origin: ORIGIN, ...headers },
      body: new URLSearchParams(fields),
    });
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.#cookies.set(name, value);
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("cf-connecting-ip", this.#address);
    const cookies = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookies !== "") headers.set("cookie", cookies);
    const response = await fetchWorker(path, { ...init, headers }, this.#settings);
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const name = pair.slice(0, pair.indexOf("="));
      if (/Max-Age=0/.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, pair.slice(name.length + 1));
    }
    return response;
  }
}

let nextHost = 0;
