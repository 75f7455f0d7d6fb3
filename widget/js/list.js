define(['jquery', 'lib/components/base/modal', './ui.js', './view.js'], function ($, Modal, ui, makeView) {
  'use strict';

  // What the server takes in one request.
  const MOST = 200;

  return function (widget, backend) {
    let view = null;
    let modal = null;

    const ask = (leads) => {
      const texts = widget.i18n('list');
      const current = view;

      current.draw('wait', { sentence: texts.asking });
      current.wait(() =>
        backend.recheck(
          { leads },
          (answer) => current.draw('report', { texts, sentence: answer.sentence }),
          (words) => current.draw('trouble', ui.trouble(widget, words)),
        ),
      );
    };

    const hide = () => {
      if (view !== null) {
        view.close();
        view = null;
      }
      if (modal !== null) {
        const closing = modal;
        modal = null;
        closing.destroy();
      }
      return true;
    };

    const begin = (leads) => {
      const texts = widget.i18n('list');
      view.on('again', () => ask(leads));
      view.on('close', hide);
      if (leads.length === 0 || leads.length > MOST) {
        view.draw('report', { texts, sentence: leads.length === 0 ? texts.nothing : texts.too_many });
      } else {
        ask(leads);
      }
    };

    return {
      // All chosen leads go in one request.
      recheck: () => {
        const leads = widget.list_selected().selected.map((lead) => Number(lead.id));

        hide();
        ui.addStyle(widget);
        view = makeView(widget, $('<div>', { class: 'ywx-panel ywx-report' }));
        modal = new Modal({
          class_name: 'ywx-modal',
          init: (body) => body.trigger('modal:loaded').html(view.place).trigger('modal:centrify'),
          destroy: hide,
        });
        begin(leads);
        return true;
      },
      hide,
    };
  };
});
