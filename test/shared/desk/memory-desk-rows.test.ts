import { MemoryDeskRows } from "#shared/desk/memory-desk-rows.ts";
import { describeDeskRows } from "./desk-rows-facts.ts";

describeDeskRows(async (run) => run(new MemoryDeskRows()));
