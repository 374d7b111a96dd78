import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { projectPath } from "../../../../worker/selfhost/project.ts";
import {
  RELAY_ENVIRONMENT,
  RELAY_NODE_OPTIONS,
} from "../../../../worker/selfhost/demo/relay-node.ts";
import { parseDockerfile } from "../../../support/machines/dockerfile.ts";

const read = (path: string) => readFileSync(projectPath(path), "utf8");
const variables = Object.entries(RELAY_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);

test("the unit runs Node as the demo does", () => {
  const unit = read("relay/deploy/aimdb-relay.service");

  expect(unit).toContain(`ExecStart=/usr/bin/node ${RELAY_NODE_OPTIONS.join(" ")} /usr/lib/`);
  expect(unit).toContain(`Environment=${variables.join(" ")}\n`);
});

test("the container runs Node as the demo does", () => {
  const text = read("relay/deploy/Dockerfile");

  expect(parseDockerfile(text).entrypoint.slice(1, -1)).toEqual(RELAY_NODE_OPTIONS);
  for (const variable of variables) expect(text).toContain(` ${variable} `);
});
