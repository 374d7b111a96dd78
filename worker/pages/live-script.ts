/**
 * The only script. What it inserts was made and escaped by the server, and under the page's policy nothing in it
 * can run. It waits while the keyboard focus is in the region or text is selected. Unchanged content is not
 * inserted again: a screen reader would read out an alert in it each time.
 *
 * A stream ends now and then and is back seconds later. Only one that stays away is told of; as a refusal is final for
 * an EventSource, such as a proxy's while the worker restarts, another is opened.
 */
export const LIVE_REGION_ID = "live";
export const LIVE_STATE_ID = "live-state";

const AWAY_MS = 10_000;

export const LIVE_SCRIPT = `
const region = document.getElementById("${LIVE_REGION_ID}");
const state = document.getElementById("${LIVE_STATE_ID}");
const isInUse = () =>
  region.contains(document.activeElement) || !document.getSelection().isCollapsed;
let shown;
let away;
const onOpen = () => {
  clearTimeout(away);
  away = undefined;
  state.textContent = "";
};
const onError = ({ target }) => {
  const time = new Date().toLocaleTimeString();
  away ??= setTimeout(() => {
    state.textContent = "Not updated since " + time + ". If this stays so, load the page again.";
  }, ${AWAY_MS});
  if (target.readyState === EventSource.CLOSED) setTimeout(follow, ${AWAY_MS});
};
const onMessage = ({ data }) => {
  if (data === shown || isInUse()) return;
  shown = data;
  const isOpen = region.querySelector("details")?.open;
  region.innerHTML = data;
  if (isOpen) region.querySelector("details").open = true;
};
const follow = () => {
  const source = new EventSource(region.dataset.src);
  source.onopen = onOpen;
  source.onerror = onError;
  source.onmessage = onMessage;
};
follow();
`;
