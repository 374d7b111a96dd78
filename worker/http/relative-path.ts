/** Where to continue after signing in: a page of ours, or `/`. */

const MAX_LENGTH = 8 * 1024;

/**
 * The path to continue at, `/` for anything else. Browsers take `\` for `/`, drop tabs and line breaks, and read
 * `//host` as an address, so the text is parsed as they would and must stay on the origin.
 */
export function ownPath(text: string | undefined, origin: URL): string {
  if (text === undefined || text.length > MAX_LENGTH || !/^\/(?![/\\])/.test(text)) return "/";
  try {
    const url = new URL(text, origin);
    // `/.//host` is a path of ours until its dots are resolved.
    const isOwn = url.origin === origin.origin && !url.pathname.startsWith("//");
    return isOwn ? url.pathname + url.search + url.hash : "/";
  } catch {
    return "/";
  }
}
