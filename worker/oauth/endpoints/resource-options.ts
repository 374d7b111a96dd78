/** `/mcp` as a resource, for OAuth. */
import type { OAuthResourceServerOptions } from "@cloudflare/workers-oauth-provider";
import { resourceOf } from "../library/authorization-server.ts";

export function resourceOptions(
  main: URL,
): Pick<OAuthResourceServerOptions, "resourceMetadata" | "requiredScopes"> {
  return {
    resourceMetadata: {
      resource: resourceOf(main),
      authorization_servers: [main.origin],
      resource_name: "AimDB",
    },
    requiredScopes: ["aimdb:read"],
  };
}
