/** A request's body as text, never more of it than allowed: the limit holds before anything parses. */
import { err, ok, type Result } from "#shared/result.ts";

export async function readBody(
  request: Request,
  limitBytes: number,
): Promise<Result<string, "too_large">> {
  if (Number(request.headers.get("content-length") ?? 0) > limitBytes) return err("too_large");
  if (request.body === null) return ok("");
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > limitBytes) return err("too_large");
    chunks.push(chunk);
  }
  return ok(await new Blob(chunks).text());
}
