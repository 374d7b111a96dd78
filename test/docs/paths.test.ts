/** Files and headings that the documents name are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";

const DOCUMENTS = [
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "README.md",
  "SECURITY.md",
  "relay/deploy/README.md",
  "worker/deploy/README.md",
  ...readdirSync(projectPath("docs")).map((name) => `docs/${name}`),
];

/** Folders of the project, so that other things with a slash are left out. */
const PATH = /`((?:shared|relay|worker|test|docs)\/[A-Za-z0-9._/-]+)`/g;

test.each(DOCUMENTS)("%s names no file that is gone", (document) => {
  const text = readFileSync(projectPath(document), "utf8");
  const named = Array.from(text.matchAll(PATH), ([, path = ""]) => path);

  expect(named.filter((path) => !existsSync(projectPath(path)))).toEqual([]);
});

/** As GitHub makes a heading's anchor. */
function anchorsOf(markdown: string): string[] {
  return Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

const ANCHOR = /\]\((?!https?:)([^)#]*)#([^)]+)\)/g;

test.each(DOCUMENTS)("%s links to no heading that is gone", (document) => {
  const text = readFileSync(projectPath(document), "utf8");
  const gone = [...text.matchAll(ANCHOR)].filter(([, path = "", anchor = ""]) => {
    const target = path === "" ? document : join(dirname(document), path);
    return !anchorsOf(readFileSync(projectPath(target), "utf8")).includes(anchor);
  });

  expect(gone.map(([link]) => link)).toEqual([]);
});
