// Keys of Stormlamp. Everything here is also a plain link, button or form; nothing depends on this file.
(function () {
  "use strict";

  const typing = (element) =>
    element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
  const keyList = document.getElementById("keys");

  // ---- the list of keys -------------------------------------------------------------------------
  // The page's own keys win over those of the navigation.
  const withKeys = () => [
    ...document.querySelectorAll("main [data-key]"),
    ...document.querySelectorAll("[data-key]"),
  ];

  function fillPageKeys() {
    const list = keyList.querySelector("[data-page-keys]");
    list.replaceChildren();
    const known = new Set();
    for (const target of withKeys()) {
      if (known.has(target.dataset.key)) continue;
      known.add(target.dataset.key);
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const said = document.createElement("dd");
      const key = document.createElement("kbd");
      const label = target.querySelector(".side-label") || target.cloneNode(true);
      for (const extra of label.querySelectorAll("kbd, svg, .badge")) extra.remove();
      key.textContent = target.dataset.key;
      said.textContent = target.dataset.keyLabel || label.textContent.trim();
      term.append(key);
      row.append(term, said);
      list.append(row);
    }
    list.hidden = keyList.querySelector("[data-page-keys-title]").hidden = !list.children.length;
  }

  function showKeys() {
    fillPageKeys();
    keyList.showModal();
  }

  for (const opener of document.querySelectorAll("[data-keys]")) {
    opener.addEventListener("click", (event) => {
      event.preventDefault();
      showKeys();
    });
  }

  // ---- arrows in tables -------------------------------------------------------------------------
  const stops = (row) => Array.from(row.querySelectorAll("a[href], button, input, select, summary"));

  function moveInTable(event, table) {
    const row = event.target.closest("tr");
    const rows = Array.from(table.querySelectorAll("tbody tr")).filter((one) => stops(one).length);
    if (!rows.length) return;
    const at = rows.indexOf(row);
    const column = at < 0 ? 0 : Math.max(0, stops(row).indexOf(event.target));
    const go = (target) => {
      if (!target) return;
      event.preventDefault();
      target.focus();
      target.scrollIntoView({ block: "nearest" });
    };
    const inRow = (index) => {
      const found = rows[index] && stops(rows[index]);
      go(found && found[Math.min(column, found.length - 1)]);
    };
    if (event.key === "ArrowDown") inRow(at + 1);
    else if (event.key === "ArrowUp" && at > 0) inRow(at - 1);
    else if (event.key === "ArrowRight" && at >= 0) go(stops(row)[column + 1]);
    else if (event.key === "ArrowLeft" && column > 0) go(stops(row)[column - 1]);
    else if (event.key === "Home" && at >= 0) inRow(0);
    else if (event.key === "End" && at >= 0) inRow(rows.length - 1);
  }

  // ---- single keys ------------------------------------------------------------------------------
  function escape() {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
      return;
    }
    const back = document.querySelector("[data-back]") || Array.from(document.querySelectorAll(".crumbs a")).pop();
    if (back) back.click();
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (keyList && keyList.open) return; // the dialog closes itself on Escape
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const table = event.target.closest && event.target.closest("[data-arrows], .table-box");
    if (table && /^(Arrow|Home|End)/.test(event.key)) {
      moveInTable(event, table);
      return;
    }
    if (event.key === "Escape") {
      escape();
      return;
    }
    if (event.key === "?" && keyList) {
      event.preventDefault();
      showKeys();
      return;
    }
    if (event.key === "/") {
      const find = document.querySelector("[data-find]");
      if (!find) return;
      event.preventDefault();
      find.focus();
      find.select();
      return;
    }
    if (event.key.length !== 1 || event.repeat) return;
    const target = withKeys().find((one) => one.dataset.key === event.key);
    if (target) {
      event.preventDefault();
      target.click();
    }
  });

  // ---- menus close when left --------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  // ---- what is wrong comes first ----------------------------------------------------------------
  const wrong = document.querySelector("[data-focus]");
  if (wrong) wrong.focus();

  // ---- a page whose node has gone says so -------------------------------------------------------
  const band = document.getElementById("band");
  let answeredAt = performance.now();

  function lost() {
    const seconds = Math.round((performance.now() - answeredAt) / 1000);
    const age = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
    const words = document.createElement("p");
    words.className = "band band--stale";
    const strong = document.createElement("strong");
    strong.textContent = band.dataset.lost.replace("{age}", age);
    const then = document.createElement("span");
    then.className = "band-detail";
    then.textContent = band.dataset.lostThen;
    words.append(strong, then);
    const before = band.querySelector("[data-lost-band]");
    words.dataset.lostBand = "";
    if (before) before.replaceWith(words);
    else band.prepend(words);
  }

  if (band) {
    for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
      band.addEventListener(name, lost);
    }
    band.addEventListener("htmx:afterSwap", () => {
      answeredAt = performance.now();
    });
  }
})();
