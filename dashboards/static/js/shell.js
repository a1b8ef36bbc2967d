// Every page: time left, overlays, help, search, links and buttons with a key of their own (data-hot = event.code).
import { tellTime } from "./due.js";
import { digit, onKeys } from "./keys.js";
import * as overlays from "./overlays.js";

document.body.addEventListener("htmx:afterOnLoad", (event) => tellTime(event.detail.xhr.getResponseHeader("X-Now")));
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

function press(code, shift) {
  const name = shift ? `Shift+${code}` : code;
  const all = [...document.querySelectorAll(`[data-hot="${name}"]`)].filter((one) => one.offsetParent !== null);
  // A key of a row belongs to the row one stands on, never to another one further down.
  const standing = document.querySelector("[data-alert][aria-current=true], [data-row][aria-current=true]");
  const free = standing ? all.filter((button) => !button.closest("[data-alert].row, [data-row]")) : all;
  const one = all.find((button) => standing?.contains(button)) ?? free[0];
  one?.click();
  return Boolean(one);
}

onKeys((event) => {
  if (event.code === "Escape") return overlays.close();
  const box = overlays.current();
  if (box) {
    const wanted = digit(event);
    const option = wanted && [...box.querySelectorAll(".opt:not([hidden])")].find((one) => one.querySelector("kbd")?.textContent === String(wanted));
    if (option && !event.shiftKey) {
      option.click();
      return true;
    }
    if (event.code === "Slash" && !event.shiftKey && box.querySelector("[data-find]")) {
      box.querySelector("[data-find]").focus();
      return true;
    }
    return false;
  }
  if (event.code === "Slash") {
    if (event.shiftKey) return overlays.open("help");
    document.getElementById("q")?.focus();
    return true;
  }
  return press(event.code, event.shiftKey);
});
