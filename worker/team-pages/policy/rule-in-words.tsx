/** A rule of the write policy as a person would say it. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { FieldLimit } from "#shared/access/write-rule.ts";
import { MAX_KEY_LENGTH } from "#shared/link/limits.ts";
import { presentableText } from "#shared/mcp/answers/presentable.ts";
import type { Confirm, WritePolicy, WriteRule } from "../../access/write-policy.ts";
import { printAllowed } from "./allowed-values.ts";

const CONFIRMED: Readonly<Record<Confirm, string>> = {
  human: "confirmed by a person on a page here",
  client: "confirmed in the client, or by a person on a page here where the client can't ask",
  never: "confirmed by nobody unless the device asks for it",
};

export function RuleInWords({ rule }: { rule: WriteRule }): JSX.Element {
  const { record, instance = "*", fields = {}, max_per_minute, confirm = "human" } = rule;
  return (
    <>
      Operators, owners and their programs may set{" "}
      <Named name={record} all="every record that a device opens" /> on{" "}
      <Named name={instance} all="every instance" />
      {Object.entries(fields).map(([path, limit], index) => (
        <>
          {index === 0 ? ", with " : ", "}
          {path === "." ? "the value" : <code>{shown(path)}</code>} {limitInWords(limit)}
        </>
      ))}
      {max_per_minute === undefined
        ? ""
        : `, each record ${times(max_per_minute)} a minute at most by all together`}
      , {CONFIRMED[confirm]}.
    </>
  );
}

function Named({ name, all }: { name: string; all: string }): JSX.Element {
  return name === "*" ? <>{all}</> : <code>{shown(name)}</code>;
}

function shown(name: string): string {
  return presentableText(name, MAX_KEY_LENGTH);
}

function limitInWords({ min, max, max_change, enum: allowed }: FieldLimit): string {
  const parts = [
    rangeInWords(min, max),
    allowed === undefined ? "" : `one of ${presentableText(printAllowed(allowed))}`,
    max_change === undefined ? "" : `changing by ${max_change} at most`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "anything" : parts.join(" and ");
}

function rangeInWords(min: number | undefined, max: number | undefined): string {
  if (min === undefined) return max === undefined ? "" : `${max} at most`;
  return max === undefined ? `${min} at least` : `between ${min} and ${max}`;
}

function times(count: number): string {
  if (count > 2) return `${count} times`;
  return count === 1 ? "once" : "twice";
}

export function RatesInWords({ policy }: { policy: Omit<WritePolicy, "rules"> }): JSX.Element {
  const { writes_per_minute: atRelay, writes_per_minute_per_record: toRecord } = policy;
  if (atRelay === 0 && toRecord === 0) {
    return <>Nobody is limited in how often they write.</>;
  }
  const limits = [
    atRelay === 0 ? "" : `${times(atRelay)} a minute at one relay`,
    toRecord === 0 ? "" : `${times(toRecord)} a minute to one record`,
  ].filter((limit) => limit !== "");
  return <>Each person or program may write at most {limits.join(", and ")}.</>;
}
