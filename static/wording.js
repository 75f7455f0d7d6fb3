'use strict';

// Names of fields are put where the caret stands, and the caret stays with the text. Without this file they are
// typed: the list of them stands under the text.
(() => {
  const told = (area) => area.dispatchEvent(new Event('input', { bubbles: true }));

  const put = (area, before, after) => {
    const [from, to] = [area.selectionStart, area.selectionEnd];
    const chosen = area.value.slice(from, to);
    area.setRangeText(before + chosen + after, from, to, 'end');
    if (after && !chosen) {
      area.setSelectionRange(from + before.length, from + before.length);
    }
    area.focus();
    told(area);
  };

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-into]');
    const area = button && document.getElementById(button.dataset.into);
    if (!area) {
      return;
    }
    const [before, after] = button.dataset.wrap ? button.dataset.wrap.split(' ') : [button.dataset.insert, ''];
    put(area, before, after);
  });

  document.documentElement.classList.add('with-script');
})();
