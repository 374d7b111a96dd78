/**
 * The only script. What it inserts was made and escaped by the server, and under the page's policy nothing in it
 * can run. It waits while the keyboard focus is in the region or text is selected. Unchanged content is not
 * inserted again: a screen reader would read out an alert in it each time.
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
