// Counts down while a revision waits for its confirmation, says so at 60, 30 and 10 seconds, and on the page after Apply
// tries whether a new connection gets through. Nothing is confirmed here: only a person's press of the button does that.
(() => {
  "use strict";
  const SPOKEN = [60, 30, 10];
  const bar = document.querySelector(".bar.pending[data-left]");
  if (!bar) return;

  const left = bar.querySelector("[data-countdown]");
  const said = bar.querySelector("[data-countdown-said]");
  const reload = bar.querySelector("[data-reload]");
  const revision = bar.dataset.revision;
  // The browser's clock may be wrong or set meanwhile, so only the time since this page came counts.
  const end = performance.now() + Number(bar.dataset.left) * 1000;
  const remaining = () => Math.ceil((end - performance.now()) / 1000);

  const words = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    const rest = seconds % 60;
    if (minutes === 0) return `${rest} s left`;
    return rest === 0 ? `${minutes} min left` : `${minutes} min ${rest} s left`;
  };

  let before = remaining();
  reload.hidden = true;
  const tick = () => {
    const now = remaining();
    if (now <= 0) {
      clearInterval(timer);
      left.textContent = "The time is up: the rules from before are coming back.";
      said.textContent = left.textContent;
      reload.hidden = false;
      return;
    }
    left.textContent = words(now);
    const due = SPOKEN.find((mark) => now <= mark && before > mark);
    if (due) said.textContent = `${now} seconds left to confirm revision ${revision}.`;
    before = now;
  };
  const timer = setInterval(tick, 1000);
  tick();
})();
