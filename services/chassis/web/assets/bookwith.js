// What makes the pages pleasant; each of them works without.
"use strict";

(() => {
  const one = (selector) => document.querySelector(selector);
  // Browsers may refuse to keep anything for a page, as in a frame of another site.
  const kept = (() => {
    try {
      return sessionStorage;
    } catch {
      return { getItem: () => null, setItem: () => {}, removeItem: () => {} };
    }
  })();

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

  // In a frame: the site around it may ask how high the page is, and is told of each change.
  const origins = (document.documentElement.dataset.frameOrigins || "").split(" ");
  addEventListener("message", ({ source, origin, data }) => {
    if (source === parent && origins.includes(origin) && data && data.bookwith === "height") {
      document.documentElement.classList.add("whole");
      const tell = () => {
        const { height } = document.body.getBoundingClientRect();
        parent.postMessage({ bookwith: "height", height: Math.ceil(height) }, origin);
      };
      tell(); // browsers do not watch the size of what is not seen yet
      new ResizeObserver(tell).observe(document.body);
    }
  });

  // The page may be the answer to a form: its own address is opened, and nothing is sent again.
  const here = one("[data-here]");
  const lookAgain = () => {
    if (here) {
      location.replace(here.href);
    } else {
      location.reload();
    }
  };

  // What was typed when the hold ended goes over to the form that holds the time again.
  const typing = one("form[data-keep]");
  const keepTyped = () => {
    const typed = [...new FormData(typing)].filter(([name]) => name !== "form");
    kept.setItem(typing.dataset.keep, JSON.stringify(typed));
  };
  const again = one("form[data-restore]");
  if (again) {
    const typed = JSON.parse(kept.getItem(again.dataset.restore) || "[]");
    kept.removeItem(again.dataset.restore);
    for (const [name, value] of typed) {
      const found = again.elements.namedItem(name);
      const field = found || Object.assign(document.createElement("input"), { type: "hidden", name });
      field.value = value;
      again.append(field);
    }
  }

  // A double click sends nothing twice; a form whose sending was stopped can be sent again.
  const DOUBLE_CLICK = 2000;
  for (const form of document.querySelectorAll("form[method=post]")) {
    let sent = -DOUBLE_CLICK;
    form.addEventListener("submit", (event) => {
      if (event.timeStamp - sent < DOUBLE_CLICK) {
        event.preventDefault();
        return;
      }
      sent = event.timeStamp;
      const pressed = event.submitter || form;
      pressed.setAttribute("aria-busy", "true");
      setTimeout(() => pressed.removeAttribute("aria-busy"), DOUBLE_CLICK);
    });
  }
  // Coming back by the browser's button starts afresh, unless something is being typed.
  addEventListener("pageshow", (event) => {
    if (event.persisted && !one("form.details")) {
      lookAgain();
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
        if (typing) {
          keepTyped();
        }
        lookAgain();
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

  // The days are one stop for the tab key; arrow keys move among them, as in any calendar.
  const grid = one("[data-days]");
  if (grid) {
    const days = [...grid.querySelectorAll(".day")];
    const first = grid.querySelector(".day.chosen") || grid.querySelector(".day.free") || days[0];
    grid.setAttribute("role", "grid");
    const reach = (day) => {
      days.forEach((each) => (each.tabIndex = each === day ? 0 : -1));
    };
    for (const day of days) {
      if (!day.href) {
        // A day without free times can be read, not chosen.
        day.setAttribute("role", "link");
        day.setAttribute("aria-disabled", "true");
      }
    }
    reach(first);
    grid.addEventListener("keydown", (event) => {
      const at = days.indexOf(event.target.closest(".day"));
      const cell = event.target.closest("td");
      const page = { PageUp: "up", PageDown: "down" }[event.key];
      if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      if (page) {
        event.preventDefault();
        const link = one(`[data-page="${page}"]`);
        if (link) {
          kept.setItem("calendar", "focus");
          link.click();
        }
        return;
      }
      const steps = {
        ArrowLeft: -1,
        ArrowRight: 1,
        ArrowUp: -7,
        ArrowDown: 7,
        Home: -cell.cellIndex,
        End: 6 - cell.cellIndex,
      };
      if (event.key in steps) {
        event.preventDefault();
        const next = days[Math.min(Math.max(at + steps[event.key], 0), days.length - 1)];
        reach(next);
        next.focus();
      }
    });
    if (kept.getItem("calendar")) {
      kept.removeItem("calendar");
      first.focus();
    }
  }

  // The number to call is asked for only where the chosen place needs it.
  const phone = one("#phone");
  const places = [...document.querySelectorAll("input[name=place]")];
  if (phone && places.length) {
    const ask = () => {
      const needed = places.some((each) => each.checked && each.dataset.needs === "phone");
      phone.closest(".field").hidden = !needed;
      phone.required = needed;
    };
    places.forEach((each) => each.addEventListener("change", ask));
    ask();
  }

  // A text is copied by one press; without scripts it is selected by hand.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const said = button.querySelector("[role=status]");
    const before = said.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      const text = "value" in source ? source.value : source.textContent.trim();
      try {
        if ("copyRich" in button.dataset) {
          // Mail programs paste the link, everything else its words.
          const kinds = { "text/html": source.innerHTML.trim(), "text/plain": text };
          const blobs = Object.entries(kinds).map(([type, of]) => [type, new Blob([of], { type })]);
          await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
        } else {
          await navigator.clipboard.writeText(text);
        }
      } catch {
        if (source.select) {
          source.select();
        } else {
          getSelection().selectAllChildren(source);
        }
        document.execCommand("copy");
      }
      said.textContent = button.dataset.copied;
      setTimeout(() => (said.textContent = before), 3000);
    });
  }

  // A link is made and copied by one press: its address is known before it is made.
  for (const form of document.querySelectorAll("form[data-copies]")) {
    form.addEventListener("submit", async (event) => {
      if (event.defaultPrevented || !navigator.clipboard) {
        return;
      }
      event.preventDefault();
      try {
        await navigator.clipboard.writeText(form.dataset.copies);
        form.elements.copied.value = "yes";
      } finally {
        form.submit();
      }
    });
  }

  // On a page of several forms, another language keeps what was typed into each of them.
  const forms = [...document.querySelectorAll("form.details")];
  for (const button of document.querySelectorAll("button[name=ask]")) {
    button.addEventListener("click", () => {
      for (const [name, value] of forms.flatMap((form) => [...new FormData(form)])) {
        if (!button.form.elements.namedItem(name)) {
          const field = Object.assign(document.createElement("input"), { type: "hidden", name });
          field.value = value;
          button.form.append(field);
        }
      }
    });
  }

  // Hours that end before they begin go on into the next day: said as soon as they are typed.
  const hours = one("[data-next-day]");
  if (hours) {
    hours.addEventListener("change", ({ target }) => {
      const range = target.closest(".range");
      const [from, to] = range.querySelectorAll("input");
      const over = from.value && to.value && to.value <= from.value;
      range.nextElementSibling.textContent = over
        ? hours.dataset.nextDay.replace("{time}", to.value)
        : "";
    });
  }

  // What was opened in a form stays open when its rows are changed.
  for (const group of document.querySelectorAll("details[data-group]")) {
    group.addEventListener("toggle", () => {
      const open = [...document.querySelectorAll("details[data-group][open]")];
      const kept = group.closest("form").elements.opened;
      kept.value = open.map((each) => each.dataset.group).join(" ");
    });
  }

  // What was wrong comes first, for the eye and for the screen reader.
  const faults = one("[data-faults]");
  if (faults) {
    faults.focus();
  }
})();
