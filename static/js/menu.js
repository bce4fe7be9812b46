// Closes an open menu or question on Escape and on a click beside it.
(() => {
  "use strict";
  const open = () => document.querySelectorAll("details:is(.menu, .confirm)[open]");

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
})();
