'use strict';

// Without this file everything still works. It tells a person that a background request did not arrive, and
// keeps live counters from asking when nobody looks: a hidden page waits, one left open for hours stops.
const LIVE_MS = 4 * 3600 * 1000;

document.addEventListener('DOMContentLoaded', () => {
  const bar = document.getElementById('trouble');
  if (!bar) {
    return;
  }
  const show = () => {
    bar.hidden = false;
  };
  const opened = Date.now();
  document.body.addEventListener('htmx:beforeRequest', (event) => {
    const isByItself = /\bevery\b/.test(event.detail.elt.getAttribute('hx-trigger') || '');
    if (isByItself && (document.hidden || Date.now() - opened > LIVE_MS)) {
      event.preventDefault();
    }
  });
  document.body.addEventListener('htmx:sendError', show);
  document.body.addEventListener('htmx:responseError', show);
  document.body.addEventListener('htmx:afterOnLoad', () => {
    bar.hidden = true;
  });
});
