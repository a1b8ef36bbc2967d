// Pickers, help and filters: opened by script with a class; without script the same links open them by :target.
let opened = null;
let back = null;

export const current = () => opened;

export function close() {
  if (!opened) return false;
  opened.classList.remove("open");
  opened.classList.add("shut");
  opened.removeAttribute("data-mode");
  opened = null;
  if (back && back.isConnected) back.focus({ preventScroll: true });
  else if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
  return true;
}

export function open(id, mode = "") {
  const box = document.getElementById(id);
  if (!box || !box.classList.contains("overlay")) return false;
  const from = opened ? back : document.activeElement;
  if (opened) {
    opened.classList.remove("open");
    opened.removeAttribute("data-mode");
  }
  opened = box;
  back = from;
  box.classList.remove("shut");
  box.classList.add("open");
  if (mode) box.dataset.mode = mode;
  box.tabIndex = -1;
  (box.querySelector("[data-first]") ?? box).focus({ preventScroll: true });
  return true;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (link?.matches("[data-close]") || (opened && event.target === opened)) {
    event.preventDefault();
    close();
  } else if (link && open(link.getAttribute("href").slice(1), link.hasAttribute("data-reassign") ? "dispatch" : "")) {
    event.preventDefault();
  }
});
