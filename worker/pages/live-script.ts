/**
 * The one script there is. What it puts in was made and escaped by the server, and under the page's
 * policy nothing in it can run. It waits while somebody is in the region by keyboard or marks text. What is there
 * already is not put in again: a screen reader would read an alert of it anew each time.
 */
export const LIVE_REGION_ID = "live";

export const LIVE_SCRIPT = `
const region = document.getElementById("${LIVE_REGION_ID}");
const isInUse = () =>
  region.contains(document.activeElement) || !document.getSelection().isCollapsed;
let shown;
new EventSource(region.dataset.src).onmessage = ({ data }) => {
  if (data === shown || isInUse()) return;
  shown = data;
  const isOpen = region.querySelector("details")?.open;
  region.innerHTML = data;
  if (isOpen) region.querySelector("details").open = true;
};
`;
