/** A request's token: from `Authorization` only, never from the URL. */

const BEARER = /^Bearer ([\x21-\x7e]{1,4096})$/i;

export function bearerToken(headers: Headers): string | undefined {
  return BEARER.exec(headers.get("authorization") ?? "")?.[1];
}
