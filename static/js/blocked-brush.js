// Chooses a time on the histogram: by dragging over its bars, or with two sliders for the keyboard. Both fill in the form
// below it, which works without this script.
(() => {
  "use strict";
  const plot = document.querySelector("[data-brush]");
  if (!plot) return;
  const backs = [...plot.querySelectorAll(".back")];
  const form = plot.closest("figure").querySelector("form.brush");
  const [from, to] = ["from", "to"].map((name) => form.elements.namedItem(name));
  const last = backs.length - 1;
  if (last < 1) return;

  const slider = (label, value) => {
    const box = document.createElement("label");
    const words = document.createElement("span");
    words.textContent = label;
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: "0", max: String(last), step: "1", value: String(value) });
    box.append(words, input);
    return [box, input];
  };
  const [firstBox, first] = slider("First bar", 0);
  const [finalBox, final] = slider("Last bar", last);
  const sliders = document.createElement("div");
  sliders.className = "sliders";
  sliders.append(firstBox, finalBox);
  plot.after(sliders);

  const words = (text) => `${text.replace("T", " ")} UTC`;
  const choose = (one, other) => {
    const [start, end] = [Math.min(one, other), Math.max(one, other)];
    backs.forEach((back, place) => back.classList.toggle("chosen", place >= start && place <= end));
    [first.value, final.value] = [String(start), String(end)];
    from.value = backs[start].dataset.from;
    to.value = backs[end].dataset.to;
    first.setAttribute("aria-valuetext", words(backs[start].dataset.from));
    final.setAttribute("aria-valuetext", words(backs[end].dataset.to));
  };
  first.setAttribute("aria-valuetext", words(backs[0].dataset.from));
  final.setAttribute("aria-valuetext", words(backs[last].dataset.to));
  first.addEventListener("input", () => choose(Number(first.value), Math.max(Number(first.value), Number(final.value))));
  final.addEventListener("input", () => choose(Math.min(Number(first.value), Number(final.value)), Number(final.value)));

  const at = (event) => {
    const box = plot.getBoundingClientRect();
    return Math.min(last, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * backs.length)));
  };
  let start = null;
  let dragged = false;
  plot.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    [start, dragged] = [at(event), false];
    plot.setPointerCapture(event.pointerId);
  });
  plot.addEventListener("pointermove", (event) => {
    if (start === null) return;
    dragged = dragged || at(event) !== start;
    if (dragged) choose(start, at(event));
  });
  const end = (event) => {
    if (start === null) return;
    choose(start, event.type === "pointercancel" ? start : at(event));
    start = null;
    if (event.type === "pointerup") form.requestSubmit();
  };
  plot.addEventListener("pointerup", end);
  plot.addEventListener("pointercancel", end);
  // A link would be dragged away, and a click has been answered by then.
  plot.addEventListener("dragstart", (event) => event.preventDefault());
  plot.addEventListener("click", (event) => event.preventDefault());
})();
