/** The contents of a document's fenced blocks that have exactly this info string. */
export function fencesOf(document: string, info: string): string[] {
  const escaped = info.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const fence = new RegExp(`^\`\`\`${escaped}\\n([\\s\\S]*?)^\`\`\`$`, "gm");
  return [...document.matchAll(fence)].map(([, content]) => content ?? "");
}
