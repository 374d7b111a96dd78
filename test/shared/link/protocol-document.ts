/** PROTOCOL.md taken apart: its fences, its tables, its rules. */
import { readFileSync } from "node:fs";

export const protocolDocument: string = readFileSync(
  new URL("../../../shared/link/PROTOCOL.md", import.meta.url),
  "utf8",
);

/** Without what is fenced. */
export const protocolProse: string = protocolDocument.replaceAll(/^```[\s\S]*?^```$/gm, "");

export interface Fence {
  /** The whole info string, such as `json relay-frame`. */
  readonly info: string;
  readonly content: string;
}

export function fences(): Fence[] {
  const pattern = /^```(\S.*)\n([\s\S]*?)^```$/gm;
  return Array.from(protocolDocument.matchAll(pattern), ([, info = "", content = ""]) => ({
    info,
    content,
  }));
}

export interface Table {
  /** Of the nearest heading above, without its marks. */
  readonly heading: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function tables(): Table[] {
  const found: Table[] = [];
  let heading = "";
  let open: string[][] = [];
  const close = () => {
    const [header, , ...rows] = open;
    if (header !== undefined) found.push({ heading, header, rows });
    open = [];
  };
  for (const line of protocolDocument.split("\n")) {
    if (line.startsWith("|")) {
      open.push(cellsOf(line));
      continue;
    }
    close();
    if (/^#+ /.test(line)) heading = line.replace(/^#+ /, "");
  }
  return found;
}

/** The one table whose heading begins so and whose first column is called so. */
export function tableOf(heading: string, firstColumn: string, nth = 0): Table {
  const fitting = tables().filter(
    (table) => table.heading.startsWith(heading) && table.header[0] === firstColumn,
  );
  const table = fitting[nth];
  if (table === undefined) throw new Error(`No table "${firstColumn}" under "${heading}"`);
  return table;
}

/** What stands in backticks. */
export function codeIn(text: string): string[] {
  return Array.from(text.matchAll(/`([^`]+)`/g), ([, code = ""]) => code);
}

export interface Rule {
  readonly id: string;
  readonly text: string;
}

export function rules(): Rule[] {
  const pattern = /^- \[([A-Z]-\d+)\] (.*(?:\n {2}.*)*)/gm;
  return Array.from(protocolDocument.matchAll(pattern), ([, id = "", text = ""]) => ({
    id,
    text: text.replaceAll(/\s+/g, " "),
  }));
}

function cellsOf(line: string): string[] {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
}
