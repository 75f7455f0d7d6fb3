'use strict';

// Without this file everything still works: it only tells a person that a background request did not arrive.
document.addEventListener('DOMContentLoaded', () => {
  const bar = document.getElementById('trouble');
  if (!bar) {
    return;
  }
  const show = () => {
    bar.hidden = false;
  };
  document.body.addEventListener('htmx:sendError', show);
  document.body.addEventListener('htmx:responseError', show);
  document.body.addEventListener('htmx:afterOnLoad', () => {
    bar.hidden = true;
  });
});
