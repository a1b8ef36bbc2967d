// One listener for the page's keys. By event.code, so they work with a Chinese input method on and with full-width letters.
const typing = (target) => target.closest?.("input:not([type=radio]):not([type=checkbox]),textarea,select,[contenteditable]");

export function onKeys(handle) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat || event.defaultPrevented) return;
    if (event.code === "Escape") {
      if (typing(event.target)) event.target.blur();
    } else if (typing(event.target)) {
      return;
    }
    if (handle(event)) event.preventDefault();
  });
}

// 1…9 of a digit key or the number pad, 0 for another key
export const digit = (event) => Number(/^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1] ?? 0);
