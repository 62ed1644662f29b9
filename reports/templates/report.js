/* Links to an instance open it. */
(function () {
  "use strict";

  /** An address that cannot be decoded names nothing. */
  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return "";
    }
  }

  function openTarget() {
    const target = document.getElementById(decoded(location.hash.slice(1)));
    if (target === null || !target.matches(".instance")) return;
    target.open = true;
    target.hidden = false;
    target.scrollIntoView();
  }

  /** Also when the address does not change. */
  function onClick(event) {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) openTarget();
  }

  window.addEventListener("hashchange", openTarget);
  document.addEventListener("click", onClick);
  if (location.hash) openTarget();
})();
