/** A client's own description, as far as it is used: its name, and its redirect addresses. Pure. */
import * as z from "zod/mini";
import { err, ok, type Result } from "#shared/result.ts";
import { toShownName } from "../../shown-name.ts";
import { isUsableRedirectUri, MAX_REDIRECT_URIS } from "./redirect-uri.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const texts = z.array(z.string());

const documentSchema = z.looseObject({
  client_id: z.string(),
  client_name: z.string(),
  redirect_uris: texts.check(z.minLength(1), z.maxLength(4 * MAX_REDIRECT_URIS)),
  grant_types: z._default(texts, ["authorization_code"]),
  response_types: z._default(texts, ["code"]),
  token_endpoint_auth_method: z.optional(z.string()),
  token_endpoint_auth_methods_supported: z.optional(texts),
});

/** As the OAuth library keeps a registered client. */
export interface DescribedClient {
  readonly clientId: string;
  readonly clientName: string;
  readonly redirectUris: readonly string[];
  readonly grantTypes: readonly string[];
  readonly responseTypes: readonly string[];
  readonly tokenEndpointAuthMethod: "none";
  readonly authMethodExplicit: true;
}

export function readClientDocument(
  clientId: string,
  value: unknown,
): Result<DescribedClient, string> {
  const parsed = safeParse(documentSchema, value);
  if (!parsed.success) return err("not a client metadata document");
  const document = parsed.data;
  if (document.client_id !== clientId) return err("client_id is not its address");
  if ("client_secret" in document) return err("it holds a secret");
  const name = toShownName(document.client_name);
  if (name === undefined) return err("client_name is empty or too long");
  const redirectUris = document.redirect_uris.filter(isUsableRedirectUri);
  if (redirectUris.length === 0) return err("no redirect_uri is usable");
  const usesCode =
    document.grant_types.includes("authorization_code") && document.response_types.includes("code");
  if (!usesCode) return err("it does not use the code flow");
  if (!methodsOf(document).includes("none"))
    return err("it can't use the token endpoint without keys");
  return ok({
    clientId,
    clientName: name,
    redirectUris: redirectUris.slice(0, MAX_REDIRECT_URIS),
    grantTypes: ["authorization_code", "refresh_token"],
    responseTypes: ["code"],
    tokenEndpointAuthMethod: "none",
    authMethodExplicit: true,
  });
}

function methodsOf({
  token_endpoint_auth_method: one,
  token_endpoint_auth_methods_supported: all,
}: z.infer<typeof documentSchema>): readonly string[] {
  return all ?? [one ?? "none"];
}
