/** `npm run package` */
import { dirname } from "node:path";
import { build } from "../build/build.ts";
import { print } from "../output.ts";
import { RELAY_BUNDLE } from "../project.ts";
import { buildDeb } from "./deb.ts";

await build();
print(await buildDeb(dirname(RELAY_BUNDLE)));
