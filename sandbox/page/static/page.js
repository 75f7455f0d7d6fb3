// Keeps the page fresh and opens cards beside it. Without this script everything works by whole pages.
(function () {
  'use strict';

  const PERIOD = 2000;
  const journal = document.getElementById('journal');
  const board = document.getElementById('board');
  const panel = document.getElementById('lead');
  const clock = document.getElementById('clock');
  const last = {};

  // A link to a record of the journal: its day is behind the #, as in YCLIENTS itself.
  const asked = new URLSearchParams(window.location.hash.slice(1));
  const record = asked.get('open_modal_by_record_id');
  if (record && asked.get('main_date')) {
    const there = new URLSearchParams(window.location.search);
    there.set('day', asked.get('main_date'));
    window.location.replace('/?' + there + '#record-' + record);
    return;
  }
  const opened = /^#record-\d+$/.test(window.location.hash) && document.querySelector(window.location.hash);
  if (opened) {
    opened.open = true;
    opened.scrollIntoView({ block: 'center' });
  }

  const query = () => new URLSearchParams(window.location.search);

  // Somebody who reads an opened booking or types into it must not lose it.
  function isBusy(part) {
    return part.contains(document.activeElement) && document.activeElement !== document.body
      || part.querySelector('details[open]') !== null;
  }

  function replace(part, html, name) {
    if (last[name] === html || isBusy(part)) {
      return;
    }
    last[name] = html;
    const scrolls = new Map();
    part.querySelectorAll('[data-keep]').forEach((item) => scrolls.set(item.dataset.keep, item.scrollLeft));
    part.innerHTML = html;
    part.querySelectorAll('[data-keep]').forEach((item) => {
      item.scrollLeft = scrolls.get(item.dataset.keep) || 0;
    });
  }

  async function refresh() {
    if (document.hidden) {
      return;
    }
    const answer = await fetch('/page/live?' + query());
    if (!answer.ok) {
      return;
    }
    const parts = await answer.json();
    clock.textContent = parts.clock;
    replace(journal, parts.journal, 'journal');
    replace(board, parts.board, 'board');
  }

  async function openCard(address) {
    const answer = await fetch('/page/lead' + address.search);
    panel.innerHTML = await answer.text();
    panel.hidden = false;
    window.history.replaceState(null, '', address.search);
  }

  function closeCard() {
    const rest = query();
    rest.delete('lead');
    panel.hidden = true;
    panel.replaceChildren();
    window.history.replaceState(null, '', '?' + rest);
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('a.card, a.close');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    if (link.classList.contains('close')) {
      closeCard();
    } else {
      openCard(new URL(link.href)).catch(() => window.location.assign(link.href));
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !panel.hidden) {
      closeCard();
    }
  });

  setInterval(() => refresh().catch(() => undefined), PERIOD);
}());
