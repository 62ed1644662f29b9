/* Figures come into the page when they come into view, for a browser takes its time with each. */
(function () {
  "use strict";
  const m3e = window.m3e;

  /** To scripts, what is for browsers without scripts is text. */
  function unpack(plate) {
    const packed = plate.querySelector("noscript");
    if (packed) packed.outerHTML = packed.textContent;
  }

  const plates = document.querySelectorAll(".plate");
  window.addEventListener("load", () => m3e.watch(plates, (plate, isNear) => isNear && unpack(plate)));
  window.addEventListener("beforeprint", () => plates.forEach(unpack));
})();
