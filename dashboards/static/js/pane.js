// The pane of one alert: fetched when its row is selected, claimed for two minutes, renewed while it is looked at.
import { tellTime } from "./due.js";
import * as overlays from "./overlays.js";
import * as queue from "./queue.js";

const pane = document.getElementById("d");
const RENEW = 50000;
let claimed = null;
let turn = 0;
export let shownAt = Date.now();

export const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
const phone = () => matchMedia("(max-width:720px)").matches;

export function post(address, form = new FormData(), more = {}) {
  form.set("csrfmiddlewaretoken", token());
  return fetch(address, { method: "POST", body: form, headers: { "X-Fragment": "1" }, credentials: "same-origin", ...more });
}

const query = (id) => {
  const search = new URLSearchParams(location.search);
  if (id) search.set("alert", id);
  else search.delete("alert");
  return `?${search}`;
};

export function claim(id) {
  if (claimed && claimed !== id) post(`/triage/alerts/${claimed}/release`, undefined, { keepalive: true }).catch(() => {});
  claimed = id;
  if (id) post(`/triage/alerts/${id}/claim`).catch(() => {});
}

export const forget = () => (claimed = null);

export async function show(id, { follow = false } = {}) {
  const mine = ++turn;
  overlays.close();
  queue.select(id);
  history.replaceState(null, "", query(id) + location.hash);
  if (follow && phone() && location.hash !== "#d") location.hash = "d";
  const slow = setTimeout(() => pane.classList.add("loading"), 300);
  try {
    const response = await fetch(`/triage/alerts/${id}${query(id)}`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (response.status === 401) return location.reload();
    if (!response.ok || mine !== turn) return;
    tellTime(response.headers.get("X-Now"));
    const html = await response.text();
    if (mine !== turn) return;
    pane.innerHTML = html;
    shownAt = Date.now();
    if (pane.querySelector("[data-pane]")) claim(String(id));
  } finally {
    clearTimeout(slow);
    if (mine === turn) pane.classList.remove("loading");
  }
}

export function blank(html) {
  turn += 1;
  pane.innerHTML = html;
}

export function empty() {
  forget();
  history.replaceState(null, "", query(null) + location.hash);
  if (location.hash === "#d") location.hash = "";
  blank('<div class="blank"><svg class="i" aria-hidden="true"><use href="/static/icons.svg#i-circle-check"/></svg><h2>都看完了</h2><p>新帖到了会自己出现在左边，不用刷新。</p></div>');
}

export const shown = () => pane.querySelector("[data-pane]")?.dataset.pane ?? null;
export const form = () => document.querySelector("#decide:not([data-done])");

// The decision on screen is made: its form is not sent twice.
export function retire() {
  const decided = form();
  if (decided) decided.dataset.done = "1";
}

setInterval(() => {
  if (claimed && shown() === claimed && document.visibilityState === "visible") claim(claimed);
}, RENEW);
if (shown() && (!phone() || location.hash === "#d")) claim(shown());
addEventListener("pagehide", () => {
  if (claimed) post(`/triage/alerts/${claimed}/release`, undefined, { keepalive: true }).catch(() => {});
});
