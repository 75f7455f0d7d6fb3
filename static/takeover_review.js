'use strict';

// Pairs by keyboard: j, k and the arrows go from one to the next, a accepts, r refuses, u takes the last word
// back. The keys press the buttons that are there; without this file the buttons do the same.
(() => {
  const STEPS = { j: 1, ArrowDown: 1, ArrowRight: 1, k: -1, ArrowUp: -1, ArrowLeft: -1 };
  const pairs = () => [...document.querySelectorAll('.pair[id]')];
  const current = () => document.activeElement && document.activeElement.closest('.pair[id]');
  const isTyping = (target) => target.closest && target.closest('input, select, textarea, [contenteditable]');

  const show = (pair) => {
    if (pair) {
      pair.focus({ preventScroll: true });
      pair.scrollIntoView({ block: 'nearest' });
    }
  };

  const go = (step) => {
    const all = pairs();
    const at = all.indexOf(current());
    show(at < 0 ? all[step > 0 ? 0 : all.length - 1] : all[Math.min(Math.max(at + step, 0), all.length - 1)]);
  };

  const press = (key) => {
    const place = key === 'u' ? document : current();
    const button = place && place.querySelector(`button[data-key="${key}"]`);
    if (button) {
      button.click();
    }
  };

  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event.target)) {
      return;
    }
    const isArrow = event.key.startsWith('Arrow');
    if (event.key in STEPS && (!isArrow || current())) {
      event.preventDefault();
      go(STEPS[event.key]);
    } else if (event.key === 'a' || event.key === 'r' || event.key === 'u') {
      press(event.key);
    }
  });

  const named = /^#p\d+$/.test(window.location.hash) && document.querySelector(window.location.hash);
  const decided = window.location.hash === '#pairs' && pairs()[0];
  show(named || decided || null);
})();
