define(['jquery', './ui.js', './view.js'], function ($, ui, makeView) {
  'use strict';

  const KNOWN = ['new', 'active', 'paused', 'removed'];

  // What the server says, in the words of the person's language.
  const describe = (texts, answer) => {
    const state = KNOWN.includes(answer.state) ? answer.state : 'unknown';
    const salons = (answer.salons || []).map((salon) => ({
      title: salon.title,
      mode: texts.modes[salon.mode] || texts.modes.unknown,
      is_live: salon.mode === 'active',
    }));
    const waiting = answer.waiting || 0;
    return { texts, state, title: texts.states[state], sentence: answer.sentence || '', salons, waiting };
  };

  return function (widget, backend, door) {
    let view = null;
    let shown = null;

    const say = (more) => view.draw('state', { ...shown, ...more });

    const load = () => {
      const texts = widget.i18n('state');

      view.draw('wait', { sentence: texts.loading });
      view.wait(() =>
        backend.state(
          (answer) => {
            shown = describe(texts, answer);
            say({});
          },
          (words) => view.draw('trouble', ui.trouble(widget, words)),
        ),
      );
    };

    // The panel opens in a tab of its own; whatever goes wrong is said below the button.
    const enter = () => {
      const texts = widget.i18n('door');

      say({ note: texts.opening, is_busy: true });
      view.wait(() =>
        door.open(
          {},
          () => say({ note: texts.opened }),
          (url) => say({ url, door: texts, note: texts.blocked }),
          (words) => say(ui.trouble(widget, words)),
        ),
      );
    };

    const hide = () => {
      if (view !== null) {
        view.close();
        view = null;
      }
      return true;
    };

    return {
      show: (modal) => {
        hide();
        ui.addStyle(widget);
        view = makeView(widget, $('<div>', { class: 'ywx-panel' }));
        modal.find('.widget_settings_block').prepend(view.place);
        // Before the installation there is no account the server could tell anything about.
        if (widget.get_install_status() === 'install') {
          view.draw('steps', { texts: widget.i18n('steps') });
          return true;
        }
        view.on('again', load);
        view.on('enter', enter);
        load();
        return true;
      },
      hide,
    };
  };
});
