/** Tools as a client calls them: through the server, over HTTP's forms but no network. */
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/server/validators/ajv";
import type { Fleet } from "#shared/fleet/fleet.ts";
import { createServer } from "#shared/mcp/serving/server.ts";

export interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: Record<string, boolean>;
  // oxlint-disable-next-line typescript/no-explicit-any -- schemas are looked at field by field
  readonly inputSchema: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- likewise
  readonly outputSchema: any;
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
  readonly json: any;
}

export const explained: unknown[] = [];

/** The answer to one request, as text. */
export function ask(fleet: Fleet, method: string, params: object = {}): Promise<string> {
  return respond(fleet, { method, params }, true);
}

/** The messages that answer one request, notifications first. */
export async function askStreaming(
  fleet: Fleet,
  method: string,
  params: object,
  // oxlint-disable-next-line typescript/no-explicit-any -- messages are looked at field by field
): Promise<any[]> {
  const text = await respond(fleet, { method, params }, false);
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data = ""]) => JSON.parse(data));
}

async function respond(
  fleet: Fleet,
  call: { method: string; params: object },
  enableJsonResponse: boolean,
): Promise<string> {
  const explain = (error: unknown) => {
    explained.push(error);
    return "Something failed.";
  };
  const server = createServer({
    fleet,
    version: "0.0.0",
    explain,
    resources: { uriForm: "instance" },
    canSubscribe: false,
  });
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse });
  await server.connect(transport);
  const response = await transport.handleRequest(
    new Request("http://localhost/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...call }),
    }),
  );
  return response.text();
}

export async function listTools(fleet: Fleet): Promise<{ bytes: number; tools: ListedTool[] }> {
  const text = await ask(fleet, "tools/list");
  return { bytes: Buffer.byteLength(text), tools: JSON.parse(text).result.tools };
}

const validator = new AjvJsonSchemaValidator();

/**
 * Checks what holds for every answer of every tool: text and structured content are the same JSON,
 * which is of the tool's output schema.
 */
export async function callTool(
  fleet: Fleet,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<ToolAnswer> {
  const { result, error } = JSON.parse(await ask(fleet, "tools/call", { name, arguments: args }));
  if (result === undefined) throw new Error(`${name}: ${JSON.stringify(error)}`);
  const [content, ...more] = result.content;
  const text: string = content.text;
  if (
    content.type !== "text" ||
    more.length > 0 ||
    text !== JSON.stringify(result.structuredContent)
  ) {
    throw new Error(`${name}: text and structured content differ`);
  }
  const tool = (await toolsByName).get(name);
  const checked = validator.getValidator(tool?.outputSchema)(result.structuredContent);
  if (!checked.valid) throw new Error(`${name}: ${checked.errorMessage} in ${text.slice(0, 500)}`);
  return { isError: result.isError, text, json: result.structuredContent };
}

const NO_FLEET: Fleet = Object.create(null);

const toolsByName = listTools(NO_FLEET).then(
  ({ tools }) => new Map(tools.map((tool) => [tool.name, tool])),
);
