// The list of leads: rows are ticked, and a widget of the list may be given them.
define(['jquery', './page.js', './stage.js'], function ($, page, stage) {
  'use strict';

  const boxes = () => $('#host-list [name="lead"]');
  const count = () => boxes().filter(':checked').length;

  const show = () => {
    $('#host-bulk').prop('hidden', count() === 0).find('[data-count]').text(count());
    $('#host-all').prop('checked', count() > 0 && count() === boxes().length);
  };

  return {
    listen: () => {
      $(document).on('change', '#host-list [name="lead"]', show);
      $(document).on('change', '#host-all', (event) => {
        boxes().prop('checked', event.currentTarget.checked);
        show();
      });
      $(document).on('click', '[data-bulk-widget]', (event) => {
        const widget = stage.entered.find((one) => one.told.code === event.currentTarget.dataset.bulkWidget);
        if (widget !== undefined) {
          stage.call(widget, page.now.area.entity + '.selected');
        }
      });
    },

    // A button for every widget that came to the list and can be given what is selected.
    draw: () => {
      const $place = $('#host-bulk-actions').empty();
      stage.entered
        .filter((widget) => widget.callbacks[page.now.area.entity] !== undefined)
        .forEach(({ told }) => $('<button>', { type: 'button', 'data-bulk-widget': told.code, text: told.name }).appendTo($place));
      show();
    },
  };
});
