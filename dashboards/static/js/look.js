// 拿不准 by keyboard: J K move, Y 需回应, N 不需回应, Z 撤销; every decision is a form that also works without this script.
import { now, tellTime } from "./due.js";
import { onKeys } from "./keys.js";
import * as overlays from "./overlays.js";
import { offer, offered, say } from "./toast.js";

const pane = document.getElementById("d");
const phone = () => matchMedia("(max-width:720px)").matches;
const rows = () => [...document.querySelectorAll(".row[data-post]")];
const standing = () => document.querySelector(".row[aria-current]");
const form = () => document.querySelector("#decide:not([data-done])");
let turn = 0;
let busy = false;

async function show(row, { follow = false } = {}) {
  const mine = ++turn;
  rows().forEach((one) => one.removeAttribute("aria-current"));
  row.setAttribute("aria-current", "true");
  row.scrollIntoView({ block: "nearest" });
  const address = new URL(row.href);
  history.replaceState(null, "", address.search + location.hash);
  if (follow && phone() && location.hash !== "#d") location.hash = "d";
  const slow = setTimeout(() => pane.classList.add("loading"), 300);
  try {
    const response = await fetch(`/triage/look/posts/${row.dataset.post}${address.search}`, { headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (response.status === 401) return say("离开太久，请重新登录。", "/login?expired=1");
    if (!response.ok || mine !== turn) return;
    tellTime(response.headers.get("X-Now"));
    const html = await response.text();
    if (mine === turn) pane.innerHTML = html;
  } catch {
    say("连不上服务器，这一帖没有读到，请再选一次。");
  } finally {
    clearTimeout(slow);
    if (mine === turn) pane.classList.remove("loading");
  }
}

function step(by) {
  const all = rows();
  const at = all.indexOf(standing());
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (by > 0 && at === all.length - 1) document.querySelector("[data-more]")?.click();
  else if (next && next !== standing()) show(next);
  return true;
}

function tellCounts(counts) {
  for (const [name, count] of Object.entries(counts)) {
    document.querySelectorAll(`[data-count="${name}"]`).forEach((place) => (place.textContent = count));
  }
}

// The row leaves; the next older one stands there, or the page is read anew when none is left on it.
function leave(id) {
  const row = document.querySelector(`.row[data-post="${id}"]`);
  const all = rows();
  const next = all[all.indexOf(row) + 1] ?? all[all.indexOf(row) - 1];
  row?.closest("li").remove();
  if (next) show(next);
  else location.assign("/triage/look");
}

async function decide(sent, button) {
  if (busy) return;
  busy = true;
  const content = new FormData(sent);
  const undoing = (button?.getAttribute("formaction") ?? sent.getAttribute("action")).endsWith("/undo");
  try {
    const address = button?.getAttribute("formaction") ?? sent.getAttribute("action");
    const response = await fetch(address, { method: "POST", body: content, headers: { "X-Fragment": "1" }, credentials: "same-origin" });
    if (response.status === 401 || response.status === 403) return say("离开太久，请重新登录。", "/login?expired=1");
    const said = await response.json();
    if (said.go) {
      // reload, since an address that differs in its #d only would load nothing
      history.replaceState(null, "", said.go + location.hash);
      return location.reload();
    }
    if (said.error) {
      // somebody was faster: the row is theirs, and one is told so
      if (!undoing) leave(content.get("post"));
      return say(said.error);
    }
    sent.dataset.done = "1";
    tellCounts(said.counts);
    offer(said.toast);
    leave(content.get("post"));
  } catch {
    say("连不上服务器，这一步没有送出，请再按一次。");
  } finally {
    busy = false;
  }
}

const press = (act) => {
  const button = form()?.querySelector(`[data-act=${act}]`);
  if (button) form().requestSubmit(button);
  return Boolean(button);
};

function undo() {
  const last = offered();
  if (last) decide(last, null);
  return Boolean(last);
}

function other() {
  document.querySelector(".qtop .seg a:not([aria-current])")?.click();
  return true;
}

const keys = { KeyJ: () => step(1), KeyK: () => step(-1), KeyS: () => step(1), KeyY: () => press("flag"), KeyN: () => press("pass"), KeyZ: undo, KeyG: other };

onKeys((event) => {
  if (overlays.current() || event.shiftKey) return false;
  return keys[event.code]?.() ?? false;
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const row = event.target.closest?.(".row[data-post]");
  if (row) {
    event.preventDefault();
    show(row, { follow: true });
  } else if (event.target.closest?.("[data-skip]")) {
    event.preventDefault();
    step(1);
  }
});

document.addEventListener("submit", (event) => {
  if (!/^\/triage\/look\//.test(event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action"))) return;
  event.preventDefault();
  if (!event.target.dataset.done) decide(event.target, event.submitter);
});

// on the phone the undo strip stands above the buttons of the open post
const stand = () => document.getElementById("main").classList.toggle("on-detail", location.hash === "#d");
stand();
addEventListener("hashchange", stand);
document.documentElement.dataset.started = String(now());
