'use strict';

// Cards of the board can be dragged; without this file they are ticked and moved by the form, which is all
// that dragging does.
(() => {
  const form = () => document.querySelector('[data-board]');
  const columnAt = (event) => event.target.closest && event.target.closest('.column');
  let dragged = null;

  const clear = () => document.querySelectorAll('.column.over').forEach((one) => one.classList.remove('over'));

  const refresh = () => {
    const board = form();
    const to = board && board.querySelector('#to');
    if (!to) {
      return;
    }
    const title = board.querySelector('[data-new]');
    title.hidden = to.value !== to.querySelector('option[value^="new:"]').value;
    const count = board.querySelector('[data-count]');
    const ticked = board.querySelectorAll('input[name="card"]:checked').length;
    count.hidden = !ticked;
    count.textContent = `${count.dataset.words} ${ticked}`;
  };

  document.addEventListener('dragstart', (event) => {
    const card = event.target.closest && event.target.closest('.card[draggable]');
    if (!card || !card.querySelector('input[name="card"]')) {
      return;
    }
    dragged = card;
    card.classList.add('dragged');
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', '');
  });

  document.addEventListener('dragover', (event) => {
    const column = dragged && columnAt(event);
    if (column) {
      event.preventDefault();
      clear();
      column.classList.add('over');
    }
  });

  document.addEventListener('dragend', () => {
    clear();
    if (dragged) {
      dragged.classList.remove('dragged');
    }
    dragged = null;
  });

  document.addEventListener('drop', (event) => {
    const column = dragged && columnAt(event);
    if (!column) {
      return;
    }
    event.preventDefault();
    const home = dragged.closest('.column');
    if (column !== home) {
      dragged.querySelector('input[name="card"]').checked = true;
      form().querySelector('#to').value = column.dataset.key;
      form().requestSubmit();
    }
  });

  document.addEventListener('change', refresh);
  document.addEventListener('DOMContentLoaded', refresh);
  document.addEventListener('htmx:afterSettle', refresh);
})();
