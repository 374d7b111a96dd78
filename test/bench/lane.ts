/** One keep-alive HTTP connection that sends a request and waits for its answer, over and over. */
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const REQUEST_TIMEOUT_MS = 30_000;

export class Lane {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  post(url: URL, headers: Record<string, string>, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        url,
        {
          method: "POST",
          agent: this.#agent,
          headers: { ...headers, "content-length": Buffer.byteLength(body) },
          timeout: REQUEST_TIMEOUT_MS,
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8");
          response.on("data", (chunk: string) => {
            text += chunk;
          });
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          });
          response.on("error", reject);
        },
      );
      request.on("timeout", () => request.destroy(new Error("No answer in 30 s")));
      request.on("error", reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
