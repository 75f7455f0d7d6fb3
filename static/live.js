'use strict';

// Parts of a page with `data-live="seconds"` are asked for anew while somebody looks at them. Nothing is replaced
// under a person's hands: what holds the focus, a selection or a ticked box waits, and what has not changed stays.
(() => {
  const TICK = 1000;
  const LIFE = 4 * 60 * 60 * 1000; // an open tab that nobody comes back to falls silent
  const opened = Date.now();
  const asked = new Map(); // id → when it was last asked for
  const shown = new Map(); // id → the text it came as

  const isBusy = (part) => {
    const focus = document.activeElement;
    const chosen = document.getSelection();
    return (focus && part.contains(focus) && focus.matches('button, input, select, textarea, summary, a:not([id])'))
      || (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode))
      || part.querySelector('input[type="checkbox"]:checked') !== null;
  };

  const ask = (part, now) => {
    const pause = Math.max(2, Number(part.dataset.live) || 10) * 1000;
    if (!asked.has(part.id)) {
      asked.set(part.id, now);
    } else if (now - asked.get(part.id) >= pause && !isBusy(part)) {
      asked.set(part.id, now);
      window.htmx.trigger(part, 'live');
    }
  };

  const timer = setInterval(() => {
    const now = Date.now();
    if (now - opened > LIFE) {
      clearInterval(timer);
    } else if (document.visibilityState === 'visible') {
      document.querySelectorAll('[data-live]').forEach((part) => ask(part, now));
    }
  }, TICK);

  document.addEventListener('htmx:beforeSwap', (event) => {
    const part = event.detail.target;
    if (!part || !part.dataset || !part.dataset.live || event.detail.xhr.status !== 200) {
      return;
    }
    const text = event.detail.serverResponse;
    if (shown.get(part.id) === text || isBusy(part)) {
      event.detail.shouldSwap = false;
    } else {
      shown.set(part.id, text);
    }
  });
})();
