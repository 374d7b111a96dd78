/** A browser over real HTTP, as far as signing in needs one: cookies per origin, Origin with posts. */

export interface Visit {
  readonly status: number;
  readonly url: URL;
  readonly text: string;
  readonly headers: Headers;
}

const MAX_REDIRECTS = 20;

export class WebBrowser {
  readonly #jars = new Map<string, Map<string, string>>();

  /** A redirect to this path is not followed: the visit ends with its address. */
  stopAt: string | undefined;

  get(address: string | URL): Promise<Visit> {
    return this.#visit(new URL(address), {});
  }

  post(address: string | URL, fields: Record<string, string>): Promise<Visit> {
    const url = new URL(address);
    return this.#visit(url, {
      method: "POST",
      headers: { origin: url.origin },
      body: new URLSearchParams(fields),
    });
  }

  cookies(origin: string): Map<string, string> {
    const jar = this.#jars.get(origin) ?? new Map<string, string>();
    this.#jars.set(origin, jar);
    return jar;
  }

  async #visit(start: URL, first: RequestInit): Promise<Visit> {
    let url = start;
    let init = first;
    for (let i = 0; i < MAX_REDIRECTS; i += 1) {
      const response = await this.#fetch(url, init);
      const location = response.headers.get("location");
      if (location === null || response.status < 300 || response.status > 399) {
        const { status, headers } = response;
        return { status, headers, url, text: await response.text() };
      }
      await response.body?.cancel();
      url = new URL(location, url);
      init = {};
      if (url.pathname === this.stopAt) {
        return { status: response.status, headers: response.headers, url, text: "" };
      }
    }
    throw new Error("Too many redirects");
  }

  async #fetch(url: URL, init: RequestInit): Promise<Response> {
    const jar = this.cookies(url.origin);
    const headers = new Headers(init.headers);
    headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const name = pair.slice(0, pair.indexOf("="));
      const isGone = /max-age=0|expires=thu, 01 jan 1970/i.test(line);
      if (isGone) jar.delete(name);
      else jar.set(name, pair.slice(name.length + 1));
    }
    return response;
  }
}
