// A form is sent once, and says that it is being worked on: some things take a while.
const forms = document.querySelectorAll("form[method=post]");

for (const form of forms) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter ?? form.querySelector("button");
    button.dataset.label = button.textContent;
    button.textContent = "Working …";
    button.setAttribute("aria-busy", "true");
  });
}

// Back from another page, a form is as it was.
window.addEventListener("pageshow", () => {
  for (const form of forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[data-label]")) {
      button.textContent = button.dataset.label;
      button.removeAttribute("aria-busy");
      delete button.dataset.label;
    }
  }
});
