// Shows what a form would do while you type: posts it with `act=preview` and puts the content of the part that
// `data-preview` names in the place of the old one. The document comes parsed from XMLHttpRequest, so no text ever becomes markup here.
(() => {
  "use strict";
  const PAUSE_MS = 400;

  const watch = (form) => {
    const id = form.dataset.preview;
    let timer = 0;
    let request = null;
    const show = () => {
      const fresh = request.response && request.response.getElementById(id);
      const old = document.getElementById(id);
      // Another page came, for example the sign-in; sending the form itself will say so.
      // The element stays and only its content is new, or nobody would have it read out.
      if (fresh && old) old.replaceChildren(...[...fresh.childNodes].map((node) => document.adoptNode(node)));
    };
    const ask = () => {
      const body = new URLSearchParams(new FormData(form));
      body.set("act", "preview");
      if (request) request.abort();
      request = new XMLHttpRequest();
      request.responseType = "document";
      request.onload = show;
      request.open("POST", form.getAttribute("action"));
      request.send(body);
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    });
    form.addEventListener("submit", () => {
      clearTimeout(timer);
      if (request) request.abort();
    });
  };

  document.querySelectorAll("form[data-preview]").forEach(watch);
})();
