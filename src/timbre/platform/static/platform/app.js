// The little that HTML does not do by itself. Every page works without it.
(() => {
  "use strict";

  // Live parts ask again while somebody looks: [data-live="seconds"] with hx-trigger="live".
  const asked = new WeakMap();
  setInterval(() => {
    if (document.hidden) return;
    for (const part of document.querySelectorAll("[data-live]")) {
      const last = asked.get(part) || 0, every = 1000 * Number(part.dataset.live);
      if (Date.now() - last >= every) {
        asked.set(part, Date.now());
        if (last) window.htmx.trigger(part, "live");
      }
    }
  }, 250);

  // A RUT formats itself on leaving its field and says at once when its check digit is wrong.
  const checkDigit = (body) => {
    let sum = 0, factor = 2;
    for (let i = body.length - 1; i >= 0; i--) {
      sum += Number(body[i]) * factor;
      factor = factor === 7 ? 2 : factor + 1;
    }
    return "0K987654321"[sum % 11];
  };
  const readRut = (input) => {
    const text = input.value.replace(/[.\s-]/g, "").toUpperCase();
    input.setCustomValidity("");
    if (!/^\d{1,8}[\dK]$/.test(text)) return;
    const body = text.slice(0, -1), digit = text.slice(-1), right = checkDigit(body);
    input.value = body.replace(/\B(?=(\d{3})+$)/g, ".") + "-" + digit;
    if (digit !== right) input.setCustomValidity(`El dígito verificador debería ser ${right}.`);
    input.reportValidity();
  };
  document.addEventListener("focusout", (event) => {
    if (event.target.matches("input[data-rut]")) readRut(event.target);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("input[data-rut]")) event.target.setCustomValidity("");
  });

  // <button data-copy="id of an element">: its text to the clipboard. Where the browser allows no clipboard (an
  // address without https://), the text is marked, ready for Ctrl+C.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button || button.dataset.said) return;
    const source = document.getElementById(button.dataset.copy);
    let said = "Copiado";
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      window.getSelection().selectAllChildren(source);
      said = "Marcado: cópialo";
    }
    const before = [...button.childNodes];
    button.dataset.said = said;
    button.textContent = said;
    setTimeout(() => { button.replaceChildren(...before); delete button.dataset.said; }, 1500);
  });

  // A filter chosen is a filter applied: select[data-submit].
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      const search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "Escape" && typing) event.target.blur();
  });
})();
