// What makes the pages pleasant; each of them works without.
"use strict";

(() => {
  const one = (selector) => document.querySelector(selector);

  // Times in the visitor's own zone, unless the address names one.
  const detects = one("[data-detect-zone]");
  const address = new URL(location.href);
  if (detects && !address.searchParams.has("tz")) {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone && zone !== detects.dataset.detectZone) {
      address.searchParams.set("tz", zone);
      // The day in the address was one of the zone that is left.
      if (detects.dataset.at && address.searchParams.has("day")) {
        address.searchParams.set("at", detects.dataset.at);
        address.searchParams.delete("day");
        address.searchParams.delete("month");
      }
      location.replace(address);
      return;
    }
  }

  // A second click sends nothing twice; coming back by the browser's button starts afresh.
  for (const form of document.querySelectorAll("form[method=post]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      (event.submitter || form).setAttribute("aria-busy", "true");
    });
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted) {
      location.reload();
    }
  });

  // How long the time is still held: shown each second, spoken once, in the last minute.
  const held = one("[data-held-until]");
  if (held) {
    const left = held.querySelector("[data-left]");
    const spoken = held.querySelector("[data-spoken]");
    // Counted on this computer's steady clock: its time of day may be wrong.
    const ends = performance.now() + 1000 * Number(held.dataset.seconds);
    const show = () => {
      const seconds = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
      left.textContent = held.dataset.words
        .replace("{minutes}", String(Math.floor(seconds / 60)))
        .replace("{seconds}", String(seconds % 60).padStart(2, "0"));
      held.classList.toggle("urgent", seconds < 60);
      if (seconds < 60 && !spoken.textContent) {
        spoken.textContent = spoken.dataset.spoken;
      }
      if (seconds === 0) {
        location.reload();
        return;
      }
      setTimeout(show, 250);
    };
    left.hidden = false;
    show();
  }

  // Confirmed once already, and the calendar has answered since: finish it.
  const ready = one("form[data-ready]");
  if (ready) {
    ready.requestSubmit();
  }

  // What was wrong comes first, for the eye and for the screen reader.
  const faults = one("[data-faults]");
  if (faults) {
    faults.focus();
  }
})();
