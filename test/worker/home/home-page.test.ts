import { expect, test } from "vitest";
import { renderHome } from "../../../worker/home/home-page.ts";

const PAGE = {
  mcpUrl: "https://aimdb.example.com/mcp",
  tokenMcpUrl: "https://token.aimdb.example.com/mcp",
  version: "1.2.3",
  nonce: "0123abcd",
};

test("the home page names both connector addresses and how a gateway enrolls", async () => {
  const page = await renderHome(PAGE);

  expect(page).toContain(PAGE.mcpUrl);
  expect(page).toContain(`claude mcp add --transport http aimdb ${PAGE.tokenMcpUrl}`);
  expect(page).toContain("aimdb-relay enroll https://aimdb.example.com --join-token-file");
  expect(page).toContain("1.2.3");
});

test("the home page's only style has the nonce, and nothing on it is active", async () => {
  const page = await renderHome(PAGE);

  expect(page.match(/<style[^>]*>/g)).toEqual(['<style nonce="0123abcd">']);
  expect(page).not.toMatch(/<script|<link|<form|<img|style="|\son\w+="/);
});

test("the home page's style is not escaped", async () => {
  expect(await renderHome(PAGE)).toContain("color-mix(in srgb, currentColor 20%, transparent)");
});

test("the home page escapes what it is given", async () => {
  const page = await renderHome({ ...PAGE, version: '<b>"&', tokenMcpUrl: "https://a/?<i>&x" });

  expect(page).not.toContain("<b>");
  expect(page).not.toContain("<i>");
  expect(page).toContain("&lt;b&gt;&quot;&amp;");
});
