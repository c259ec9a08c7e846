// What the pages do by keyboard. Without this file every form works by its buttons.
(() => {
  "use strict";
  document.documentElement.classList.add("scripted");

  const isTyping = (element) => /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox" && element.type !== "radio";

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && isTyping(document.activeElement)) { document.activeElement.blur(); return; }
    if (isTyping(event.target)) return;
    const wanted = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (wanted.tagName === "BUTTON") wanted.click(); else wanted.focus();
  });

  document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));

  document.querySelectorAll("[data-line]").forEach((link) => link.addEventListener("click", () => {
    const area = document.getElementById("document");
    const lines = area.value.split("\n"), line = Number(link.dataset.line) - 1;
    const start = lines.slice(0, line).join("\n").length + (line ? 1 : 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line] || "").length);
    area.scrollTop = Math.max(0, line - 5) * (area.scrollHeight / lines.length);
  }));

  const form = document.querySelector("[data-triage]");
  if (!form) return;

  const rows = [...form.querySelectorAll("[data-row]")];
  const boxes = () => [...form.querySelectorAll("input[name=value]")];
  const select = form.querySelector("select[name=meaning]");
  const palette = form.querySelector("[data-palette]");
  const said = form.querySelector("[data-chosen]");
  const PLACE = "rekindle-row";
  let place = Math.min(Number(sessionStorage.getItem(PLACE) || 0), rows.length - 1);
  let isUsed = sessionStorage.getItem(PLACE) !== null;
  let options = [];

  const show = () => {
    rows.forEach((row, number) => {
      if (isUsed && number === place) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
      row.classList.toggle("chosen", [...row.querySelectorAll("input[name=value]")].some((box) => box.checked));
    });
    const count = boxes().filter((box) => box.checked).length;
    said.textContent = count ? `${count} selected` : "Nothing selected";
  };
  const move = (to) => {
    isUsed = true;
    place = Math.max(0, Math.min(rows.length - 1, to));
    closePalette();
    show();
    rows[place].focus({ preventScroll: true });
    rows[place].scrollIntoView({ block: "nearest" });
  };
  const closePalette = () => { palette.hidden = true; palette.replaceChildren(); options = []; };
  const takeRow = () => {
    if (boxes().some((box) => box.checked)) return true;
    const box = rows[place] && rows[place].querySelector("[data-main]");
    if (!isUsed || !box) return false;
    box.checked = true;
    return true;
  };
  const assign = (meaning) => {
    if (!takeRow()) { said.textContent = "Move to a value first: j and k"; return; }
    select.value = meaning;
    sessionStorage.setItem(PLACE, String(place));
    form.requestSubmit(form.querySelector("[data-assign-button]"));
  };
  const openPalette = (letter) => {
    const group = select.querySelector(`optgroup[data-key="${CSS.escape(letter)}"]`);
    if (!group) return false;
    options = [...group.querySelectorAll("option")];
    select.value = options[0].value;
    palette.replaceChildren(...options.map((option, number) => {
      const button = document.createElement("button");
      button.type = "button";
      const key = document.createElement("kbd");
      key.textContent = number === 0 ? "⏎" : String(number);
      button.append(key, " ", number === 0 ? `${group.label}, no more than that` : option.text.split(": ")[1]);
      button.addEventListener("click", () => assign(option.value));
      return button;
    }));
    palette.hidden = false;
    palette.scrollIntoView({ block: "nearest" });
    return true;
  };
  const onPalette = (key) => {
    if (key === "Escape") { closePalette(); select.value = ""; return true; }
    const number = key === "Enter" ? 0 : /^[1-9]$/.test(key) ? Number(key) : -1;
    if (number < 0 || number >= options.length) return false;
    assign(options[number].value);
    return true;
  };
  const guess = (key) => {
    const button = isUsed && rows[place] && rows[place].querySelector(`[data-guess="${key}"]`);
    if (!button) return false;
    assign(button.value);
    return true;
  };
  const toggle = () => {
    const box = rows[place] && rows[place].querySelector("[data-main]");
    if (box) box.checked = !box.checked;
    isUsed = true;
    show();
    return true;
  };

  const act = (key) => {
    if (!palette.hidden && onPalette(key)) return true;
    if (key === "j" || key === "ArrowDown") { move(isUsed ? place + 1 : 0); return true; }
    if (key === "k" || key === "ArrowUp") { move(isUsed ? place - 1 : 0); return true; }
    if (key === "x") return toggle();
    if (key === "1" || key === "2") return guess(key);
    return key.length === 1 && openPalette(key);
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "Enter" && palette.hidden) return;
    if (act(event.key)) event.preventDefault();
  });
  form.addEventListener("change", show);
  form.querySelectorAll("[data-letter]").forEach((button) => button.addEventListener("click", () => openPalette(button.dataset.letter)));
  form.querySelectorAll("[data-guess]").forEach((button) => button.addEventListener("click", (event) => {
    event.preventDefault();
    boxes().forEach((box) => { box.checked = false; });
    place = rows.indexOf(button.closest("[data-row]"));
    isUsed = true;
    assign(button.value);
  }));
  show();
})();
