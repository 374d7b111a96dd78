/** Files that the documents name are there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { projectPath } from "../../worker/selfhost/project.ts";

const DOCUMENTS = [
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "README.md",
  "SECURITY.md",
  ...readdirSync(projectPath("docs")).map((name) => `docs/${name}`),
];

/** Folders of the project, so that other things with a slash are left out. */
const PATH = /`((?:shared|relay|worker|test|docs)\/[A-Za-z0-9._/-]+)`/g;

test.each(DOCUMENTS)("%s names no file that is gone", (document) => {
  const text = readFileSync(projectPath(document), "utf8");
  const named = Array.from(text.matchAll(PATH), ([, path = ""]) => path);

  expect(named.filter((path) => !existsSync(projectPath(path)))).toEqual([]);
});
