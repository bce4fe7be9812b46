// Shows or hides what was typed into a password field. The button stays hidden without this script.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("button[data-reveal]")) {
    const input = document.getElementById(button.dataset.reveal);
    const show = (visible) => {
      input.type = visible ? "text" : "password";
      button.setAttribute("aria-pressed", String(visible));
    };
    button.hidden = false;
    button.addEventListener("click", () => show(input.type === "password"));
    // A password must leave the page as one, or the browser may remember it as text.
    input.form.addEventListener("submit", () => show(false));
  }
})();
