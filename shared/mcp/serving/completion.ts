/** Completes arguments of resource templates and prompts from what is there. */
import type { CompleteRequestParams, CompleteResult } from "@modelcontextprotocol/server";
import type { Fleet } from "../../fleet/fleet.ts";
import { isName } from "../../instance-id.ts";
import { presentableKey } from "../asking/record-name.ts";

/** The protocol's own bound. */
const MAX_VALUES = 100;

/** Rows asked for; a prefix is completed among them. */
const MAX_ROWS = 500;

export async function complete(
  fleet: Fleet,
  { argument, context }: CompleteRequestParams,
): Promise<CompleteResult> {
  const given = { ...context?.arguments };
  const candidates = await candidatesFor(fleet, argument.name, given);
  const wanted = argument.value.toLowerCase();
  const fitting = [...new Set(candidates)].filter((value) =>
    isFitting(value.toLowerCase(), wanted),
  );
  return {
    completion: {
      values: fitting.slice(0, MAX_VALUES),
      total: fitting.length,
      hasMore: fitting.length > MAX_VALUES,
    },
  };
}

/** From the start, or after a separator: people leave prefixes out. */
function isFitting(value: string, wanted: string): boolean {
  return value.startsWith(wanted) || value.split(/[/.:]+/).some((part) => part.startsWith(wanted));
}

async function candidatesFor(
  fleet: Fleet,
  argument: string,
  given: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  switch (argument) {
    case "relay":
    case "name":
    case "instance": {
      const { instances } = await fleet.instances({});
      const of = instances.filter(
        ({ relay }) => given["relay"] === undefined || relay === given["relay"],
      );
      if (argument === "relay") return instances.map(({ relay }) => relay);
      return of.map((row) => (argument === "name" ? row.name : row.instance));
    }
    case "key":
    case "record_name":
      return recordsOf(fleet, given);
    default:
      return [];
  }
}

async function recordsOf(
  fleet: Fleet,
  { relay = "", name = "", instance = `${relay}/${name}` }: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const { instances } = await fleet.instances({});
  const isNamed = instance.split("/").every(isName);
  const asked = isNamed ? instances.filter((row) => row.instance === instance) : instances;
  const page = { offset: 0, limit: MAX_ROWS, writableOnly: false };
  const lists = await Promise.all(
    asked.slice(0, MAX_INSTANCES_ASKED).map((row) => fleet.listRecords(row.instance, page)),
  );
  return lists.flatMap((list) =>
    list.ok ? list.value.records.map(({ record_key }) => record_key).filter(isPlain) : [],
  );
}

const MAX_INSTANCES_ASKED = 10;

/** A key whose text hides something is not offered for picking. */
function isPlain(key: string): boolean {
  return presentableKey(key) === key;
}
