define(['jquery', './ui.js', './view.js'], function ($, ui, makeView) {
  'use strict';

  const FORM = '[data-action=send_widget_hook]';

  return function (widget) {
    let view = null;

    const hide = () => {
      if (view !== null) {
        view.close();
        view = null;
      }
      return true;
    };

    return {
      // Above the fields of the trigger: what it does and when it is worth having.
      show: () => {
        const trigger = $('.digital-pipeline__short-task_widget-style_' + widget.params.widget_code);
        const form = trigger.parent().parent().find(FORM);

        hide();
        ui.addStyle(widget);
        view = makeView(widget, $('<div>', { class: 'ywx-panel' }));
        (form.length > 0 ? form : $(FORM)).first().prepend(view.place);
        view.draw('pipeline', { texts: widget.i18n('pipeline') });
        return true;
      },
      hide,
    };
  };
});
