// Filters while you type: a GET form marked `data-live` asks for its own page again and swaps the parts it names.
// The document comes from XMLHttpRequest, which parses without running anything, so no text ever becomes markup here.
(() => {
  "use strict";
  const PAUSE_MS = 250;

  const addressOf = (form) => {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
    const text = query.toString();
    return form.getAttribute("action") + (text ? `?${text}` : "");
  };

  const show = (address, ids, fresh) => {
    const parts = ids.map((id) => fresh && fresh.getElementById(id));
    // Another page came, for example the sign-in: go there.
    if (!parts.every(Boolean)) return location.assign(address);
    for (const part of parts) document.getElementById(part.id).replaceWith(document.adoptNode(part));
    history.replaceState(null, "", address);
  };

  const watch = (form) => {
    let timer = 0;
    let request = null;
    const ask = () => {
      const address = addressOf(form);
      if (request) request.abort();
      request = new XMLHttpRequest();
      request.responseType = "document";
      request.onload = () => show(address, form.dataset.live.split(" "), request.response);
      request.onerror = () => location.assign(address);
      request.open("GET", address);
      request.send();
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(timer);
      ask();
    });
  };

  document.querySelectorAll("form[data-live]").forEach(watch);
})();
