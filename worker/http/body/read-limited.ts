/** A body as text, never more of it than allowed: the limit applies before anything is parsed. */
import { err, ok, type Result } from "#shared/result.ts";

export async function readLimited(
  body: AsyncIterable<Uint8Array> | null,
  limitBytes: number,
): Promise<Result<string, "too_large">> {
  if (body === null) return ok("");
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) return err("too_large");
    chunks.push(chunk);
  }
  return ok(await new Blob(chunks).text());
}
