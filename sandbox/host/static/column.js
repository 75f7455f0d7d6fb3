// The right column of a card: a block of each widget, closed until somebody clicks its caption.
define(['jquery', './page.js'], function ($, page) {
  'use strict';

  const ALLOWED = ['everywhere', 'lcard', 'lcard-1', 'ccard', 'ccard-1'];

  const captionOf = (told, caption) => {
    const $caption = $('<div>', { class: 'card-widgets__widget__caption', role: 'button', tabindex: 0, 'aria-expanded': 'false' });
    $caption.addClass(caption.class_name || '');
    return caption.html ? $caption.html(caption.html) : $caption.text(told.name);
  };

  return {
    add: (told, block, params, template) => {
      const $column = $('#widgets_block');
      if ($column.length === 0 || !told.locations.some((one) => ALLOWED.includes(one))) {
        throw new Error('render_template() outside of a card with a right column');
      }
      $column.children('[data-code="' + told.code + '"]').remove();
      const $body = $('<div>', { class: 'card-widgets__widget__body js-body-hide' });
      $body.html((block.body || '') + (block.render ? template(block.render).render(params) : '')).prop('hidden', true);
      $('<div>', { class: 'card-widgets__widget', id: told.code, 'data-code': told.code })
        .append(captionOf(told, block.caption || {}), $body)
        .appendTo($column);
      $('#host-no-blocks').prop('hidden', true);
    },

    // One listener for the life of the page: blocks come and go.
    listen: () => {
      const toggle = (caption) => {
        const $body = $(caption).next('.card-widgets__widget__body');
        const isOpening = $body.prop('hidden');
        $body.prop('hidden', !isOpening);
        $(caption).attr('aria-expanded', String(isOpening));
      };
      $(document).on('click', '.card-widgets__widget__caption', (event) => toggle(event.currentTarget));
      $(document).on('keydown', '.card-widgets__widget__caption', (event) => {
        if (event.which === 13 || event.which === 32) {
          event.preventDefault();
          $(event.currentTarget).trigger('click');
        }
      });
    },

    clear: () => {
      $('#widgets_block').empty();
      $('#host-no-blocks').prop('hidden', page.now.card === undefined);
    },
  };
});
