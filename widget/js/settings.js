define(['jquery', './ui.js'], function ($, ui) {
  'use strict';

  const KNOWN = ['new', 'active', 'paused', 'removed'];
  const EVENTS = '.ywx';

  // What the server says, in the words of the person's language.
  const describe = (texts, answer) => {
    const state = KNOWN.includes(answer.state) ? answer.state : 'unknown';
    const salons = (answer.salons || []).map((salon) => ({
      title: salon.title,
      mode: texts.modes[salon.mode] || texts.modes.unknown,
    }));
    return { texts, state, title: texts.states[state], salons, waiting: answer.waiting || 0 };
  };

  return function (widget, backend) {
    let place = null;

    const draw = (values) => {
      const current = place;
      ui.draw(widget, 'state', values, (html) => {
        // The window may have been closed, or opened anew, while the template was loading.
        if (current !== null && current === place) {
          current.html(html);
        }
      });
    };

    const load = () => {
      const texts = widget.i18n('state');
      const current = place;
      const show = (values) => current === place && draw(values);

      draw({ texts, state: 'loading', title: texts.loading, salons: [], waiting: 0 });
      backend
        .state()
        .done((answer) => show(describe(texts, answer)))
        .fail(() => show({ texts, state: 'failed', title: texts.failed, salons: [], waiting: 0 }));
    };

    const hide = () => {
      if (place !== null) {
        place.off(EVENTS).remove();
        place = null;
      }
      return true;
    };

    return {
      show: (modal) => {
        hide();
        ui.addStyle(widget.params.path, widget.get_version());
        place = $('<div>', { class: 'ywx-panel' });
        place.on('click' + EVENTS, '.ywx-panel__again', load);
        modal.find('.widget_settings_block').prepend(place);
        load();
        return true;
      },
      hide,
    };
  };
});
