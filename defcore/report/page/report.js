"use strict";
(() => {
  const form = document.querySelector("form.filter");
  const tests = Array.from(document.querySelectorAll("details.test"));
  const { text, outcome, service } = form.elements;
  const words = new Map();

  function searched(test) {
    if (!words.has(test)) {
      const found = Array.from(test.querySelectorAll("[data-find]"), (one) => one.textContent);
      words.set(test, found.join("\n").toLowerCase());
    }
    return words.get(test);
  }

  function fits(test) {
    const wanted = outcome.value;
    const own = test.dataset.outcome;
    if (wanted === "findings" ? !("findings" in test.dataset) : wanted === "!PASSED" ? own === "PASSED" : wanted && wanted !== own) {
      return false;
    }
    if (service.value && service.value !== test.dataset.service) {
      return false;
    }
    const terms = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    return terms.every((term) => searched(test).includes(term));
  }

  function apply() {
    let shown = 0;
    for (const test of tests) {
      test.hidden = !fits(test);
      shown += test.hidden ? 0 : 1;
    }
    form.querySelector("output").textContent = `${shown} of ${tests.length} tests shown`;
  }

  function follow() {
    const target = document.getElementById(location.hash.slice(1));
    if (target && target.matches("details.test")) {
      if (target.hidden) {
        form.reset();
        apply();
      }
      target.open = true;
      target.scrollIntoView();
      target.querySelector("summary").focus({ preventScroll: true });
    }
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.elements.open.addEventListener("click", () => {
    const shown = tests.filter((test) => !test.hidden);
    const close = shown.every((test) => test.open);
    for (const test of shown) {
      test.open = !close;
    }
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      text.focus();
    } else if (event.key === "Escape" && form.contains(event.target)) {
      form.reset();
    }
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    for (const one of closed) {
      one.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const one of closed) {
      one.open = false;
    }
  });
  addEventListener("hashchange", follow);
  form.hidden = false;
  apply();
  follow();
})();
