/** 303: the browser continues with GET, whatever method it used. */

export function seeOther(path: string, ...cookies: readonly string[]): Response {
  const headers = new Headers({ location: path, "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}
