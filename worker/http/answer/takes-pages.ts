/** True for a browser, which asks for a person; a program takes JSON. */
import type { HonoRequest } from "hono";

export function takesPages(request: Pick<HonoRequest, "header">): boolean {
  return request.header("accept")?.includes("text/html") === true;
}
