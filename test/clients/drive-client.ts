/** Lists and calls through a client library, as DRIVE says; the answer is JSON on standard output. */
import type { Target } from "./foreign-clients.ts";

interface Order {
  readonly library: "@openai/agents" | "@mastra/mcp";
  readonly target: Target;
  readonly args: Record<string, string>;
}

interface Answer {
  readonly tools: readonly string[];
  readonly result: unknown;
}

/** What is used of the libraries; their own types are there only once they are installed. */
interface OpenAiAgents {
  readonly MCPServerStreamableHttp: new (options: object) => OpenAiServer;
  readonly MCPServerStdio: new (options: object) => OpenAiServer;
}
interface OpenAiServer {
  connect(): Promise<void>;
  listTools(): Promise<{ name: string }[]>;
  callTool(name: string, args: object): Promise<{ text: string }[]>;
  close(): Promise<void>;
}
interface Mastra {
  readonly MCPClient: new (options: object) => {
    getTools(): Promise<Record<string, { execute(input: object): Promise<unknown> }>>;
    disconnect(): Promise<void>;
  };
}

async function throughOpenAiAgents({ library, target, args }: Order): Promise<Answer> {
  const { MCPServerStdio, MCPServerStreamableHttp } = (await import(library)) as OpenAiAgents;
  const server =
    target.at === "url"
      ? new MCPServerStreamableHttp({ name: "aimdb", ...remote(target) })
      : new MCPServerStdio({ name: "aimdb", ...local(target) });
  await server.connect();
  const tools = await server.listTools();
  const [content] = await server.callTool("get_record", args);
  await server.close();
  return { tools: tools.map(({ name }) => name), result: JSON.parse(content?.text ?? "null") };
}

async function throughMastra({ library, target, args }: Order): Promise<Answer> {
  const { MCPClient } = (await import(library)) as Mastra;
  const server =
    target.at === "url" ? { ...remote(target), url: new URL(target.url) } : local(target);
  const client = new MCPClient({ servers: { aimdb: server } });
  const tools = await client.getTools();
  // This release hands the arguments over as a context.
  const result = await tools["aimdb_get_record"]?.execute({ context: args });
  await client.disconnect();
  return { tools: Object.keys(tools).map((name) => name.replace(/^aimdb_/, "")), result };
}

function remote({ url, token }: Target & { at: "url" }): object {
  return { url: String(url), requestInit: { headers: { authorization: `Bearer ${token}` } } };
}

function local({ command: [command, ...args] }: Target & { at: "command" }): object {
  return { command, args };
}

const order = JSON.parse(process.env["DRIVE"] ?? "") as Order;
const answer =
  order.library === "@mastra/mcp" ? await throughMastra(order) : await throughOpenAiAgents(order);
process.stdout.write(`${JSON.stringify(answer)}\n`);
