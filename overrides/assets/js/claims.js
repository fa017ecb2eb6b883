"use strict";

// The ledger's filter. Its state stands in the address, so that a selection can be linked to;
// without this script the whole list is shown.
(() => {
  const form = document.querySelector(".claim-filter");
  const claims = [...document.querySelectorAll(".claim")];
  const groups = [...document.querySelectorAll(".claims")];
  const count = form.querySelector("output");
  const names = [...form.elements].map((control) => control.name).filter(Boolean);

  const chosen = (name) => form.elements[name].value;
  const fits = (claim) =>
    (!chosen("verdict") || claim.classList.contains(chosen("verdict"))) &&
    (!chosen("source") || claim.closest(".claims").dataset.source === chosen("source"));

  function filter() {
    for (const claim of claims) claim.hidden = !fits(claim);
    for (const group of groups) group.hidden = !group.querySelector(".claim:not([hidden])");
    for (const { value } of form.elements.source.options) {
      if (!value) continue;
      const left = groups.some((group) => group.dataset.source === value && !group.hidden);
      document.getElementById(`c${value}`).hidden = !left;
    }
    const shown = claims.filter((claim) => !claim.hidden).length;
    count.textContent = count.dataset.words.replace("{0}", shown).replace("{1}", claims.length);
  }

  function read() {
    const state = new URLSearchParams(location.search);
    for (const name of names) {
      form.elements[name].value = state.get(name) ?? "";
      if (form.elements[name].selectedIndex < 0) form.elements[name].value = "";
    }
    filter();
  }

  function write(hash) {
    const state = new URLSearchParams(names.filter(chosen).map((name) => [name, chosen(name)]));
    history.replaceState(null, "", [location.pathname, state].filter(String).join("?") + hash);
    filter();
  }

  // A link to a claim that the selection hides is worth more than the selection.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]")) return;
    form.reset();
    write(location.hash);
    target.scrollIntoView();
  }

  form.hidden = false;
  form.addEventListener("change", () => write(""));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  read();
  reveal();
})();
