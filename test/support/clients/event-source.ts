/** A reader of server-sent events, as a program has one: it keeps what came, and comes back with the last id. */
import { waitFor } from "../../../worker/selfhost/process/wait-for.ts";

export interface ServerEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
  /** When it was read, as `performance.now()` says. */
  readonly atMs: number;
}

export interface EventsAsked {
  readonly token: string;
  readonly records?: readonly string[];
  readonly presence?: boolean;
  readonly lastEventId?: string | undefined;
}

export class EventSource {
  readonly events: ServerEvent[] = [];
  readonly response: Response;
  /** Comments and retry lines. */
  readonly notes: string[] = [];
  readonly ended: Promise<void>;
  readonly #ending: AbortController;
  #taken = 0;

  private constructor(response: Response, ending: AbortController) {
    this.response = response;
    this.#ending = ending;
    this.ended = this.#read().catch(() => {});
  }

  static async open(
    base: URL,
    { token, records = [], presence, lastEventId }: EventsAsked,
  ): Promise<EventSource> {
    const url = new URL("/api/v1/events", base);
    for (const record of records) url.searchParams.append("record", record);
    if (presence !== undefined) url.searchParams.set("presence", String(presence));
    const headers = {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    };
    const ending = new AbortController();
    return new EventSource(await fetch(url, { headers, signal: ending.signal }), ending);
  }

  get lastEventId(): string | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id;
  }

  of(event: string): ServerEvent[] {
    return this.events.filter((one) => one.event === event);
  }

  /** The next one that fits, behind the one that was taken last. */
  async next(
    event: string,
    fits: (data: Record<string, unknown>) => boolean = () => true,
  ): Promise<ServerEvent> {
    const found = await waitFor(20_000, async () => {
      const at = this.events.findIndex(
        (one, i) => i >= this.#taken && one.event === event && fits(one.data),
      );
      if (at === -1) return undefined;
      this.#taken = at + 1;
      return this.events[at];
    });
    if (found !== undefined) return found;
    throw new Error(`No ${event}: ${this.events.map((one) => JSON.stringify(one)).join("\n")}`);
  }

  /** As a network that breaks. */
  cut(): void {
    this.#ending.abort();
  }

  async #read(): Promise<void> {
    const { body } = this.response;
    const isStream = this.response.headers.get("content-type") === "text/event-stream";
    if (body === null || !isStream) return;
    let rest = "";
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const fields = new Map(
      block.split("\n").map((line): [string, string] => {
        const at = line.indexOf(": ");
        return [line.slice(0, at), line.slice(at + 2)];
      }),
    );
    const event = fields.get("event");
    if (event === undefined) {
      this.notes.push(block);
      return;
    }
    const data: Record<string, unknown> = JSON.parse(fields.get("data") ?? "null");
    this.events.push({ event, id: fields.get("id"), data, atMs: performance.now() });
  }
}
