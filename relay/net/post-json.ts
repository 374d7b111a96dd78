/** One JSON request, bounded in time and size. */
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { err, ok, type Result } from "#shared/result.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { agentFor, type NetOptions } from "./agent.ts";
import { reasonOf } from "./reason.ts";

const TIMEOUT_MS = 30_000;
const MAX_RESPONSE_BYTES = 64 * 1024;

export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface PostResponse {
  readonly status: number;
  /** Undefined if the answer was not JSON. */
  readonly body: unknown;
}

/** The error is a line for the operator. */
export async function postJson(
  { url, headers, body }: PostRequest,
  net: NetOptions,
): Promise<Result<PostResponse, string>> {
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  return new Promise((resolve) => {
    const outgoing = request(url, {
      method: "POST",
      agent: agentFor(url, { ...net, signal }),
      signal,
      headers: { ...headers, "content-type": "application/json" },
    });
    outgoing.on("error", (error) =>
      resolve(err(`Cannot reach ${url.origin}: ${reasonOf(error, url)}`)),
    );
    outgoing.on("response", (response) => {
      readBody(response).then(
        (text) => resolve(ok({ status: response.statusCode ?? 0, body: parseOrUndefined(text) })),
        (error: unknown) => resolve(err(`${url.origin} broke off its answer: ${String(error)}`)),
      );
    });
    outgoing.end(JSON.stringify(body));
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > MAX_RESPONSE_BYTES) throw new Error("it is too long");
  }
  return text;
}
