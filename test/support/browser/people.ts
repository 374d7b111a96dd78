/** People who come in by invitation, and agree to clients, through the real pages. */
import { postAdmin } from "../clients/admin-api.ts";
import { consentFields } from "./consent-fields.ts";
import { WebBrowser, type Visit } from "./web-browser.ts";

export type Role = "owner" | "operator" | "viewer";

export interface Invitation {
  readonly role?: Role;
  /** Default: the installation's first. */
  readonly team?: string;
}

let count = 0;

/** A signed-in browser. */
export async function invitePerson(
  origin: URL,
  adminToken: string,
  { role = "operator", team }: Invitation = {},
): Promise<WebBrowser> {
  const body = { role, ...(team === undefined ? {} : { team }) };
  const invited = await postAdmin(new URL("/api/v1/invitations", origin), body, adminToken);
  const { url } = (await invited.json()) as { url: string };
  const browser = new WebBrowser();
  const email = `person-${(count += 1)}@example.com`;
  const visit = await browser.post(url, { name: "Ada", email, password: "correct horse battery" });
  if (visit.status !== 200) throw new Error(`The invitation was answered ${visit.status}`);
  return browser;
}

/**
 * Opens the address a client asks its person to open, and allows. The visit ends at the client's
 * own address; with `stopAt` set it is not asked for.
 */
export async function allow(
  browser: WebBrowser,
  authorizeUrl: string | URL,
  change: Record<string, string> = {},
): Promise<Visit> {
  const page = await browser.get(authorizeUrl);
  if (page.status !== 200) throw new Error(`The consent page is ${page.status}: ${page.text}`);
  const fields = { ...consentFields(page.text), decision: "allow", ...change };
  return browser.post(new URL("/authorize", page.url), fields);
}
