/** The Worker as wrangler bundles it, in workerd, on a loopback port. */
import { createTestHarness } from "wrangler";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { ADMIN_TOKEN, postAdmin, sendAdmin, UNCONFIRMED_WRITES } from "../clients/admin-api.ts";

export interface TestWorker {
  readonly url: URL;
  readonly mcpUrl: URL;
  readonly harness: ReturnType<typeof createTestHarness>;
  /** `team`: undefined is the installation's first. */
  createAccessToken(options?: { scopes?: string[]; team?: string }): Promise<string>;
  createJoinToken(options?: { name_pattern?: string; team?: string }): Promise<string>;
  createTeam(name: string): Promise<string>;
  /** Replaces the first team's, whose writes need no confirmation unless told otherwise. */
  setWritePolicy(policy: Record<string, unknown>): Promise<void>;
  close(): Promise<void>;
}

export async function startTestWorker(
  configPath = projectPath("wrangler.toml"),
  settings: Readonly<Record<string, string>> = {},
): Promise<TestWorker> {
  const input = { configPath, secrets: { ADMIN_TOKEN } };
  const harness = createTestHarness({ root: projectPath("."), workers: [input] });
  const { url } = await harness.listen();
  // The Worker must know its own address, which is known only now; the port stays.
  const vars = {
    PUBLIC_URL: url.origin,
    TOKEN_URL: `http://token.localhost:${url.port}`,
    // A client that can would name itself by an address on the internet, which no test asks for.
    CLIENT_METADATA_DOCUMENTS: "0",
    // A test calls as often as it likes, by one token, and links and breaks links as one relay.
    CALLS_PER_MINUTE: "0",
    CALLS_IN_FLIGHT: "0",
    RELAY_CALLS_PER_MINUTE: "0",
    SHORT_LINKS_PER_MINUTE: "0",
    ...settings,
  };
  await harness.update({ root: projectPath("."), workers: [{ ...input, vars }] });

  const create = async (path: string, body: unknown): Promise<Record<string, string>> => {
    const response = await postAdmin(new URL(path, url), body);
    if (response.status !== 201)
      throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  let first: string | undefined;
  const setWritePolicy = async (policy: Record<string, unknown>): Promise<void> => {
    const body = { team: first, ...policy };
    const response = await sendAdmin(new URL("/api/v1/write-policy", url), "PUT", body);
    if (response.status !== 200) throw new Error(`write-policy: ${await response.text()}`);
  };
  await setWritePolicy(UNCONFIRMED_WRITES);
  const listed = await sendAdmin(new URL("/api/v1/teams", url), "GET", undefined);
  const { teams } = (await listed.json()) as { teams: { id: string }[] };
  first = teams[0]?.id;
  return {
    url,
    setWritePolicy,
    mcpUrl: new URL("/mcp", url),
    harness,
    createAccessToken: async (options = {}) => {
      const scopes = options.scopes ?? ["aimdb:read", "aimdb:write"];
      return (
        (await create("/api/v1/access-tokens", { team: first, ...options, scopes }))["token"] ?? ""
      );
    },
    createJoinToken: async (options = {}) =>
      (await create("/api/v1/join-tokens", { team: first, ...options }))["token"] ?? "",
    createTeam: async (name) => (await create("/api/v1/teams", { name }))["id"] ?? "",
    close: () => harness.close(),
  };
}
