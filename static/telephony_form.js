'use strict';

// A long form says whether something in it is not saved yet, and its index where the reader is. Without this file
// the index and the buttons are the same; only these two hints are missing.
(() => {
  const form = document.querySelector('form[data-unsaved]');
  const hint = form && form.querySelector('.unsaved');

  if (hint) {
    const told = () => new URLSearchParams(new FormData(form)).toString();
    const opened = told();
    const isBack = !hint.hidden; // the server gave back what was typed and not saved
    const look = () => {
      hint.hidden = !isBack && told() === opened;
    };
    form.addEventListener('input', look);
    form.addEventListener('change', look);
    window.addEventListener('pageshow', look); // a browser that goes back puts in what was typed
  }

  // A complaint is shown where it is, not where the page begins.
  const wrong = form && form.querySelector('[aria-invalid="true"]');
  if (wrong) {
    wrong.focus({ preventScroll: true });
    wrong.scrollIntoView({ block: 'center' });
  }

  const links = [...document.querySelectorAll('.index a')];
  const part = (link) => document.getElementById(link.hash.slice(1));

  let shown = null;
  const mark = () => {
    const page = document.documentElement;
    const isEnd = window.scrollY > 0 && window.innerHeight + window.scrollY >= page.scrollHeight - 4;
    const passed = links.filter((link) => part(link).getBoundingClientRect().top < window.innerHeight * 0.3);
    const current = isEnd ? links.at(-1) : passed.at(-1) || links[0];
    if (current === shown) {
      return;
    }
    shown = current;
    links.forEach((link) => link.removeAttribute('aria-current'));
    current.setAttribute('aria-current', 'true');
    const list = current.closest('ul'); // on a phone it is a row that moves sideways
    list.scrollTo({ left: current.offsetLeft - list.offsetLeft - list.clientWidth / 3 });
  };

  if (links.length && links.every(part)) {
    window.addEventListener('scroll', mark, { passive: true });
    window.addEventListener('resize', mark);
    mark();
  }
})();
