// Quoting: a click on 回复 under a post fills the hidden field of the form and takes the reader there.
document.querySelectorAll("a.fastre[data-quote]").forEach(function (link) {
  link.addEventListener("click", function (event) {
    var form = document.getElementById("reply");
    if (!form) return;
    event.preventDefault();
    form.elements.quote.value = link.dataset.quote;
    form.querySelector("h2").textContent = "回复并引用 " + link.dataset.quote;
    form.scrollIntoView();
    form.elements.body.focus({ preventScroll: true });
  });
});
// The account chosen last is chosen again on the next page, so that one answers 以官方账号 without looking for it.
document.querySelectorAll("form.say select[name=uid]").forEach(function (choice) {
  try {
    var last = localStorage.getItem("sample-uid");
    if (last && choice.querySelector('option[value="' + Number(last) + '"]')) choice.value = last;
    choice.addEventListener("change", function () { localStorage.setItem("sample-uid", choice.value); });
  } catch (refused) { /* a browser without storage keeps the first account */ }
});
