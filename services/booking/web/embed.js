// Shows a meeting type of Bookwith inside your page, as high as it is:
//   <div data-bookwith><a href="https://this.host/with/name/meeting">Book a meeting</a></div>
// Without this script, or where the page may not be framed, the link stays.
"use strict";

(() => {
  // Only pages of the site that this script comes from are shown.
  const site = new URL(".", document.currentScript.src).href;

  const show = (placeholder) => {
    const link = placeholder.querySelector("a[href]");
    if (!link || !link.href.startsWith(site) || placeholder.querySelector("iframe")) {
      return;
    }
    const address = new URL(link.href);
    address.searchParams.set("frame", "yes");

    const frame = document.createElement("iframe");
    frame.title = placeholder.dataset.title || link.textContent.trim();
    frame.src = address.href;
    // It has a size, to be laid out, but is not seen before it has answered.
    Object.assign(frame.style, {
      display: "block",
      visibility: "hidden",
      width: "100%",
      height: "0",
      border: "0",
    });

    addEventListener("message", (event) => {
      const { source, origin, data } = event;
      if (source !== frame.contentWindow || origin !== address.origin) {
        return;
      }
      if (data && data.bookwith === "height" && Number.isFinite(data.height)) {
        frame.style.height = `${data.height}px`;
        frame.style.visibility = "visible";
        link.style.display = "none";
      }
    });
    // Each page in the frame is asked anew; it answers to the sites that may show it.
    let pages = 0;
    frame.addEventListener("load", () => {
      frame.contentWindow.postMessage({ bookwith: "height" }, address.origin);
      pages += 1;
      if (pages > 1 && frame.getBoundingClientRect().top < 0) {
        frame.scrollIntoView();
      }
    });
    placeholder.append(frame);
  };

  const showAll = () => document.querySelectorAll("[data-bookwith]").forEach(show);
  if (document.readyState === "loading") {
    addEventListener("DOMContentLoaded", showAll);
  } else {
    showAll();
  }
})();
