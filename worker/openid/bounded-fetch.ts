/** Bounds a provider's answer in size and time, because the provider is not ours. */

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
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error("The provider's answer is too large");
    chunks.push(chunk);
  }
  const { status } = response;
  const text = [101, 204, 205, 304].includes(status) ? null : await new Blob(chunks).text();
  return new Response(text, { status, headers: response.headers });
}
