// 研判 by keyboard: selection, decisions, undo, bulk; every decision is a form that also works without this script.
import { now } from "./due.js";
import { digit, onKeys } from "./keys.js";
import * as overlays from "./overlays.js";
import * as pane from "./pane.js";
import * as pick from "./pick.js";
import * as queue from "./queue.js";
import { offer, offered, say } from "./toast.js";

const POLL = 3000;
const poll = document.getElementById("main").dataset.poll;
let failures = 0;
let busy = false;
const paces = [];

async function refresh() {
  try {
    const before = pane.shown();
    const stood = before && queue.row(before);
    await queue.load(poll + location.search);
    if (failures) say("");
    failures = 0;
    if (stood && !queue.row(before) && pane.shown() === before && !busy) await pane.show(before);
    else if (!pane.shown() && !document.querySelector("#d .decided, #d [data-next]") && queue.rows().length && !matchMedia("(max-width:720px)").matches) {
      await pane.show(queue.rows()[0].dataset.alert);
    }
  } catch (error) {
    failures += 1;
    if (error.status === 401) say("离开太久，请重新登录。", "/login?expired=1");
    else if (failures > 1) say(`连不上服务器，第 ${failures} 次重试。已定的都在，没有丢。`);
  }
}

async function loop() {
  await refresh();
  setTimeout(loop, POLL);
}

function step(by) {
  const all = queue.rows();
  if (!all.length) return false;
  const at = all.findIndex((one) => one.dataset.alert === queue.selected());
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  if (next && next.dataset.alert !== pane.shown()) pane.show(next.dataset.alert, { follow: by > 0 && location.hash === "#d" });
  return true;
}

function tellPace() {
  const sorted = [...paces].sort((a, b) => a - b);
  const place = document.querySelector("[data-pace]");
  if (!place || !sorted.length) return;
  place.hidden = false;
  place.innerHTML = `中位 <b>${(sorted[Math.floor(sorted.length / 2)] / 1000).toFixed(1)}</b> 秒 / 条`;
}

async function decide(form, button) {
  if (busy) return;
  const address = button?.getAttribute("formaction") ?? form.getAttribute("action");
  const act = address.split("/").pop();
  if (act === "assign" && !queue.picked.size && !button?.dataset.unit) return overlays.open("pick-unit", "dispatch");
  const content = new FormData(form);
  if (button?.name) content.set(button.name, button.value);
  if (queue.picked.size && act !== "undo") {
    content.delete("alert");
    queue.picked.forEach((id) => content.append("alert", `${id}.${queue.row(id)?.dataset.version ?? ""}`));
    if (act === "assign" && !document.querySelector("[data-shows=unit].changed")) content.delete("unit");
  }
  busy = true;
  try {
    const response = await pane.post(address, content);
    if (response.status === 401 || response.status === 403) return say("离开太久，请重新登录。", "/login?expired=1");
    const said = await response.json();
    if (response.status === 422) return say(said.error);
    overlays.close();
    if (said.conflict) {
      pane.forget();
      pane.blank(said.conflict);
    } else {
      if (act !== "undo") paces.push(Date.now() - pane.shownAt);
      pane.forget();
      if (act !== "undo") queue.drop(content.getAll("alert").map((text) => String(text).split(".")[0]));
      queue.clearPicked();
      offer(said.toast);
      // what is on screen is decided: its keys do nothing until the next one stands there; 撤销 works at once
      pane.retire();
      busy = false;
      if (said.next) await pane.show(said.next, { follow: location.hash === "#d" });
      else pane.empty();
    }
    await refresh();
    tellPace();
  } catch {
    say("连不上服务器，这一步没有送出，请再按一次。");
  } finally {
    busy = false;
  }
}

function assign() {
  const form = pane.form();
  if (form) form.requestSubmit(form.querySelector("[data-act=assign]"));
  return Boolean(form);
}

function tellBulk() {
  const place = document.querySelector("[data-confirm]");
  if (!place) return;
  const unit = place.closest("button").dataset.unit;
  const one = unit ? `确认，派给 ${unit}` : "确认，先选牵头单位";
  place.textContent = queue.picked.size ? `确认 ${queue.picked.size} 条` : one;
}

function undo() {
  const form = offered();
  if (!form) return false;
  decide(form, null);
  return true;
}

function expand() {
  const rest = document.querySelector("[data-rest]");
  if (rest) rest.hidden = !rest.hidden;
  return Boolean(rest);
}

function kin() {
  const ids = (document.querySelector("[data-pane]")?.dataset.kin ?? "").split(",").filter((id) => id && queue.row(id));
  [queue.selected(), ...ids].forEach((id) => id && queue.pick(id, true));
  tellBulk();
  return true;
}

function mark() {
  const id = queue.selected();
  if (id) queue.pick(id);
  tellBulk();
  return Boolean(id);
}

function scope() {
  const all = [...document.querySelectorAll(".qtop .seg a")];
  all[(all.findIndex((one) => one.hasAttribute("aria-current")) + 1) % all.length]?.click();
  return true;
}

const has = () => Boolean(pane.form());
const moves = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyS: () => step(1),
  KeyE: expand,
  KeyO: () => (document.querySelector("[data-key=original]")?.click(), true),
  KeyY: assign,
  KeyN: () => has() && overlays.open("no"),
  KeyA: () => has() && overlays.open("pick-unit", "dispatch"),
  KeyM: () => has() && overlays.open("merge"),
  KeyL: () => has() && overlays.open("pick-level"),
  KeyT: () => has() && overlays.open("pick-topic"),
  KeyB: () => has() && overlays.open("pick-unit"),
  KeyP: () => has() && overlays.open("pick-place"),
  KeyX: mark,
  KeyZ: undo,
  KeyG: scope,
  KeyF: () => overlays.open("filters"),
  KeyH: () => overlays.open("handover"),
};

onKeys((event) => {
  const box = overlays.current();
  if (box && event.shiftKey && digit(event) && box.id === "pick-unit") {
    const option = [...box.querySelectorAll(".opt")].find((one) => one.querySelector("kbd").textContent === String(digit(event)));
    if (option) pick.join(option);
    return true;
  }
  if (box || event.code === "Escape" || event.code === "Slash") {
    if (event.code === "Escape" && !box && queue.picked.size) {
      queue.clearPicked();
      tellBulk();
    }
    return false;
  }
  if (event.shiftKey) return event.code === "KeyX" && kin();
  return moves[event.code]?.() ?? false;
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const row = event.target.closest?.(".row[data-alert]");
  const option = event.target.closest?.("label.opt");
  if (row) {
    event.preventDefault();
    pane.show(row.dataset.alert, { follow: true });
  } else if (option) {
    event.preventDefault();
    pick.choose(option, assign);
    tellBulk();
  } else if (event.target.closest?.("[data-skip]")) {
    event.preventDefault();
    step(1);
  } else if (event.target.closest?.("[data-next]")) {
    event.preventDefault();
    const next = /alert=(\d+)/.exec(event.target.closest("[data-next]").getAttribute("href"))?.[1] ?? queue.rows()[0]?.dataset.alert;
    if (next && queue.row(next)) pane.show(next, { follow: true });
    else if (queue.rows().length) pane.show(queue.rows()[0].dataset.alert, { follow: true });
    else pane.empty();
  } else if (event.target.closest?.("[data-expand]")) {
    event.preventDefault();
    expand();
  }
});

document.addEventListener("submit", (event) => {
  if (!/^\/triage\/(assign|dismiss|merge|answer|undo)$/.test(event.submitter?.getAttribute("formaction") ?? event.target.getAttribute("action"))) return;
  event.preventDefault();
  if (!event.target.dataset.done) decide(event.target, event.submitter);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.(".optfind [data-find]") || event.isComposing) return;
  const option = [...event.target.closest(".overlay").querySelectorAll("label.opt")].find((one) => !one.hidden);
  if (option) pick.choose(option, assign);
  event.preventDefault();
});

// on the phone the undo strip stands above the buttons of the open post
const stand = () => document.getElementById("main").classList.toggle("on-detail", location.hash === "#d");
stand();
addEventListener("hashchange", () => {
  stand();
  if (location.hash !== "#d") pane.claim(null);
});
document.documentElement.dataset.started = String(now());
setTimeout(loop, 500);
