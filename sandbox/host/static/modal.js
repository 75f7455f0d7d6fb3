// `lib/components/base/modal`: a window over the page, drawn by `init($body)`.
define(['jquery'], function ($) {
  'use strict';

  let count = 0;

  // The page under a window takes no keys.
  const quiet = (is) => $('.host-top, #host-place').prop('inert', is);

  return function Modal(options) {
    const modal = this;
    const asked = options || {};
    const events = '.host-modal-' + (count += 1);
    const before = document.activeElement;
    let isOver = false;

    const $modal = $(
      '<div class="modal"><div class="modal-scroller"><div class="modal-body" role="dialog" aria-modal="true" tabindex="-1">' +
        '<div class="modal-body__inner"></div></div></div></div>',
    );
    const $body = $modal.find('.modal-body__inner');

    modal.options = asked;
    modal.$modal = $modal;
    modal.$modal_body = $body;
    modal.destroy = () => {
      if (isOver) {
        return;
      }
      isOver = true;
      $(document).off(events);
      $modal.remove();
      quiet($('.modal').length > 0);
      if (before && before.isConnected) {
        before.focus();
      }
      if (typeof asked.destroy === 'function') {
        asked.destroy.call(modal);
      }
    };

    $modal.addClass(asked.class_name || '').appendTo(asked.container || document.body);
    const name = () => $body.find('h1, h2, h3').first().text().trim() || document.title;
    const settle = () => $modal.addClass('modal_loaded').find('.modal-body').attr('aria-label', name());
    quiet(true);
    settle();
    $modal.on('modal:loaded modal:centrify', settle);
    $modal.on('click', '.modal-body__close', () => modal.destroy());
    $modal.on('mousedown', (event) => {
      const isOutside = $(event.target).closest('.modal-body').length === 0;
      if (isOutside && !asked.disable_overlay_click) {
        modal.destroy();
      }
    });
    $(document).on('keydown' + events, (event) => {
      if (event.which === 27 && !asked.disable_escape_keydown) {
        modal.destroy();
      }
    });
    $modal.find('.modal-body').focus();
    if (typeof asked.init === 'function') {
      asked.init.call(modal, $body);
    }
    if (asked.focus_element) {
      $modal.find(asked.focus_element).focus();
    }
  };
});
