// The answer form: five parts checked as they are written, drafts kept on this machine, the full text copied for the forum.
const form = document.getElementById("draft");
const use = (name) => `<svg class="i" aria-hidden="true"><use href="/static/icons.svg#i-${name}"/></svg>`;

const areas = () => [...form.querySelectorAll("textarea")];
const key = () => `huiying-draft-${form.dataset.draft}`;
const written = (area) => area.value.trim().length > 0;

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + 2}px`;
}

function check() {
  const missing = [];
  for (const area of areas()) {
    const mark = form.querySelector(`label[for=${area.id}] [data-mark]`);
    const done = written(area);
    if (!done) missing.push(area.dataset.part);
    if (mark.className !== (done ? "has" : "lack")) {
      mark.className = done ? "has" : "lack";
      mark.innerHTML = `${use(done ? "circle-check" : "circle-dashed")}<span class="vh">${done ? "已写" : "未写"}</span>`;
    }
  }
  const tag = document.querySelector("[data-missing]");
  tag.classList.toggle("tag-soon", missing.length > 0);
  tag.classList.toggle("tag-ok", !missing.length);
  tag.innerHTML = `${use(missing.length ? "alert-triangle" : "circle-check")}<span></span>`;
  tag.lastElementChild.textContent = missing.length ? `五项缺 ${missing.length}：${missing.join("、")}` : "五项齐";
}

const fullText = () => areas().filter(written).map((area) => area.value.trim()).join("\n");

function copy(text) {
  if (navigator.clipboard && isSecureContext) return navigator.clipboard.writeText(text);
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  return done ? Promise.resolve() : Promise.reject(new Error("copy"));
}

function kinds() {
  document.querySelectorAll("#answer .seg label").forEach((label) => label.classList.toggle("on", label.firstElementChild.checked));
  const chosen = document.querySelector("#answer .seg input:checked");
  const field = document.querySelector("[data-form]");
  if (chosen && field) field.value = chosen.value;
}

if (form) {
  const kept = JSON.parse(localStorage.getItem(key()) ?? "{}");
  for (const area of areas()) {
    area.value = kept[area.id] ?? "";
    grow(area);
  }
  check();
  form.addEventListener("input", (event) => {
    grow(event.target);
    check();
    localStorage.setItem(key(), JSON.stringify(Object.fromEntries(areas().map((area) => [area.id, area.value]))));
    document.querySelector("[data-saved]").textContent = "草稿已存在本机";
    const text = document.querySelector("[data-text]");
    if (text) text.value = fullText();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  const text = document.querySelector("[data-text]");
  if (text) text.value = fullText();
  document.querySelector("[data-copy]").addEventListener("click", () => {
    const words = document.querySelector("[data-copied]");
    copy(fullText()).then(
      () => (words.textContent = "已复制，在论坛里粘贴发布"),
      () => (words.textContent = "浏览器不让复制，请手动选中上面的文字"),
    );
  });
  document.querySelectorAll("#answer .seg input").forEach((radio) => radio.addEventListener("change", kinds));
  const stuck = document.querySelector("[data-stuck] span");
  if (stuck && "IntersectionObserver" in window) {
    const plain = stuck.textContent;
    new IntersectionObserver((seen) => {
      const inside = seen[0].isIntersecting;
      stuck.textContent = inside ? "复制全文，打开原帖" : plain;
      stuck.parentElement.dataset.copies = inside ? "1" : "";
    }, { threshold: 0.5 }).observe(form);
    stuck.parentElement.addEventListener("click", (event) => {
      if (stuck.parentElement.dataset.copies !== "1") return;
      event.preventDefault();
      document.querySelector("[data-copy]").click();
    });
  }
}

// The clock stops by itself when the answer is seen: the page asks, and shows itself anew unless something is being typed.
const main = document.getElementById("main");
setInterval(async () => {
  const response = await fetch(`/alerts/${main.dataset.alert}/version`, { credentials: "same-origin" }).catch(() => null);
  if (!response?.ok) return;
  const typing = document.activeElement?.matches?.("textarea,input,select");
  if ((await response.text()) !== main.dataset.version && !typing) location.reload();
}, 5000);
