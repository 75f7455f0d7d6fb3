define(['jquery', './address.js', './ui.js', './view.js'], function ($, address, ui, makeView) {
  'use strict';

  // What the panel needs and no more: it cannot lead amoCRM's own page away.
  const RIGHTS =
    'allow-same-origin allow-scripts allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-downloads';

  return function (widget, backend, door) {
    let view = null;

    const frame = (texts, url) => {
      const own = { src: url, title: texts.title, sandbox: RIGHTS, class: 'ywx-page__frame' };
      return $('<iframe>', { ...own, referrerpolicy: 'no-referrer' });
    };

    const load = () => {
      const texts = widget.i18n('page');
      const fail = (words) => view.draw('trouble', ui.trouble(widget, words));
      const show = (url) =>
        view.draw('page', { texts, support: address.support }, () =>
          view.place.find('.ywx-page__room').append(frame(texts, url)),
        );

      view.draw('wait', { sentence: texts.loading });
      view.wait(() =>
        backend.signIn(
          { framed: true },
          (answer) => {
            const url = ui.link(answer.url);
            (url ? show : fail)(url);
          },
          fail,
        ),
      );
    };

    // The frame stays as it is: only the line beside the buttons speaks.
    const enter = () => {
      const texts = widget.i18n('door');
      const say = (words) => view.place.find('.ywx-page__note').text(words);

      say(texts.opening);
      view.wait(() =>
        door.open(
          {},
          () => say(texts.opened),
          () => say(texts.forbidden),
          (words) => say(ui.trouble(widget, words).note),
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
      show: () => {
        hide();
        ui.addStyle(widget);
        const own = $('#work-area-' + widget.params.widget_code);
        view = makeView(widget, $('<div>', { class: 'ywx-panel ywx-page' }));
        view.on('again', load);
        view.on('enter', enter);
        (own.length > 0 ? own : $('#list_page_holder')).append(view.place);
        // From where amoCRM puts it down to the end of the window, whatever size that becomes.
        view.place.css('height', 'calc(100vh - ' + Math.round(view.place.offset().top) + 'px)');
        load();
        return true;
      },
      hide,
    };
  };
});
