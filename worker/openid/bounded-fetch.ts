/** Bounds a provider's answer in size and time, because the provider is not ours. */
import { readLimited } from "../http/body/read-limited.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;

interface Init {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: BodyInit | null | undefined;
}

/** Redirects are not followed: an endpoint is where the provider's own document says. */
export async function boundedFetch(
  url: string,
  { method, headers, body }: Init,
): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers,
    body: body ?? null,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await readLimited(response.body, MAX_ANSWER_BYTES);
  if (!text.ok) throw new Error("The provider's answer is too large");
  const { status, headers: told } = response;
  const hasBody = ![101, 204, 205, 304].includes(status);
  return new Response(hasBody ? text.value : null, { status, headers: told });
}
