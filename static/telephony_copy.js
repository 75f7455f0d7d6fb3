'use strict';

// Texts that are to be carried to a PBX get a button that copies them; without a clipboard there is none.
(() => {
  if (!navigator.clipboard) {
    return;
  }
  document.querySelectorAll('pre[data-copy]').forEach((text) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'plain copy';
    button.textContent = text.dataset.copy;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = text.dataset.copied;
      setTimeout(() => { button.textContent = text.dataset.copy; }, 2000);
    });
    text.after(button);
  });
})();
