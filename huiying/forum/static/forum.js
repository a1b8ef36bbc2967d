// Quoting: a click on 回复 under a post fills the hidden field of the form and takes the reader there.
document.querySelectorAll("a.fastre[data-quote]").forEach(function (link) {
  link.addEventListener("click", function (event) {
    event.preventDefault();
    var form = document.getElementById("reply");
    if (!form) return;
    form.elements.quote.value = link.dataset.quote;
    form.querySelector("h2").textContent = "回复并引用 " + link.dataset.quote;
    form.scrollIntoView();
    form.elements.body.focus();
  });
});
