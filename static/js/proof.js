// On the page after Apply: asks over and over, until an answer comes on a connection that the new rules let in. A browser
// that they shut out is told so, and comes back by itself once the old rules are back. It never confirms anything.
(() => {
  "use strict";
  const box = document.getElementById("proof");
  if (!box || !box.dataset.ask) return;
  const PAUSE_MS = 1000;
  const REST_MS = 5000;
  const PATIENCE_MS = 4000;
  const words = box.querySelector("[data-proof-words]");
  const buttons = document.querySelectorAll("[data-proof-confirm]");

  const say = (tone, text) => {
    box.classList.toggle("good", tone === "good");
    if (words.textContent !== text) words.textContent = text;
  };

  const show = (answer) => {
    const [state, seconds] = answer.trim().split(" ");
    if (state === "over") return location.reload();
    if (state === "proven") {
      say("good", `A new connection got through ${seconds} s after the change: these rules let you in.`);
      for (const button of buttons) button.classList.add("primary");
      return setTimeout(ask, REST_MS);
    }
    say("", "Opening a new connection to prove that these rules let you in…");
    return setTimeout(ask, PAUSE_MS);
  };

  const ask = () => {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
    fetch(box.dataset.ask, { cache: "no-store", redirect: "error", signal: stop.signal })
      .then((response) => (response.ok ? response.text() : Promise.reject(response.status)))
      .then(show)
      .catch(() => {
        say("", box.dataset.shut);
        setTimeout(ask, PAUSE_MS);
      })
      .finally(() => clearTimeout(timer));
  };
  setTimeout(ask, PAUSE_MS);
})();
