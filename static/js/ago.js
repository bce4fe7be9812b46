// Keeps relative times true while a page stays open. The server wrote the first words; `datetime` holds the moment.
(() => {
  "use strict";

  const words = (seconds) => {
    if (seconds < 1) return "just now";
    if (seconds < 60) return `${seconds} s ago`;
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
    if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
    return null;
  };

  // The browser's clock may be wrong, so only the time since an element was first seen here counts.
  const seen = new WeakMap();
  const age = (time) => {
    if (!seen.has(time)) seen.set(time, performance.now());
    return Number(time.dataset.ago) + Math.floor((performance.now() - seen.get(time)) / 1000);
  };

  const tick = () => {
    for (const time of document.querySelectorAll("time[data-ago]")) {
      const text = words(age(time));
      if (text && time.textContent !== text) time.textContent = text;
    }
  };
  tick();
  setInterval(tick, 1000);
})();
