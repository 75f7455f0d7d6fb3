'use strict';

// A tick at the head of a row or a column ticks its cells before the form is sent, so that one may be left
// out. Without this file the server fills in the whole row or column.
(() => {
  const cellsOf = (head) => {
    const place = head.closest('th');
    if (head.name === 'row') {
      return [...place.parentElement.querySelectorAll('input[name="cell"]')];
    }
    const rows = [...place.closest('table').querySelectorAll('tbody tr')];
    return rows.map((row) => row.children[place.cellIndex].querySelector('input[name="cell"]'));
  };

  const follow = (event) => {
    const form = event.target.closest && event.target.closest('[data-matrix]');
    if (!form) {
      return;
    }
    if (event.target.name === 'row' || event.target.name === 'column') {
      cellsOf(event.target).forEach((cell) => {
        cell.checked = event.target.checked;
      });
    }
    form.querySelectorAll('input[name="row"], input[name="column"]').forEach((head) => {
      head.checked = cellsOf(head).every((cell) => cell.checked);
    });
    const count = form.querySelector('[data-count]');
    const ticked = form.querySelectorAll('input[name="cell"]:checked').length;
    count.hidden = !ticked;
    count.textContent = `${count.dataset.words} ${ticked}`;
  };

  document.addEventListener('change', follow);
})();
