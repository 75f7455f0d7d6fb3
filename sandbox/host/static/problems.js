// What a widget did that amoCRM forbids or that would break there; told on the page and kept for tests.
define(['./page.js'], function (page) {
  'use strict';

  const place = () => document.getElementById('host-problems');

  return {
    tell: (code, rule, error) => {
      const box = place();
      const line = document.createElement('p');
      line.dataset.widgetProblem = rule;
      line.textContent = code + ': ' + rule + (error ? ' (' + error.message + ')' : '');
      if (box.hidden) {
        const head = document.createElement('h2');
        head.textContent = page.t('problems');
        box.replaceChildren(head);
        box.hidden = false;
      }
      box.append(line);
      if (error) {
        console.error(error);
      }
    },
  };
});
