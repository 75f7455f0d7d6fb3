define(['jquery', './ui.js', './view.js', './place.js'], function ($, ui, makeView, place) {
  'use strict';

  const CAPTION = 'ywx-caption';
  const TONES = ['good', 'warn', 'bad'];
  // Long enough for a booking to be read anew in YCLIENTS and decided again.
  const REREAD_MS = 4000;

  const lead = (number) => (number > 0 ? '/leads/detail/' + number : '');

  // `own` is the lead on the screen: it needs no link to itself.
  const booking = (own) => (found) => ({
    ...found,
    tone: TONES.includes(found.tone) ? found.tone : 'quiet',
    journal_url: ui.link(found.journal_url),
    lead_url: Number(found.lead_id) === own ? '' : lead(Number(found.lead_id)),
  });

  const describe = (texts, answer, own) => ({
    texts,
    sentence: answer.sentence,
    has_bookings: Boolean(answer.booking) || (answer.others || []).length > 0,
    booking: answer.booking ? booking(own)(answer.booking) : null,
    others: (answer.others || []).map(booking(own)),
    why: answer.why || null,
    panel_url: ui.link(answer.panel_url),
  });

  // What the panel is asked about: the server has put it into the address of the page.
  const question = (url) => decodeURIComponent((/[?&]q=([^&#]*)/.exec(url) || ['', ''])[1]);

  return function (widget, backend, door) {
    let view = null;
    let card = null;
    let shown = null;
    let isAsked = false;

    // What the person has unfolded stays unfolded.
    const say = (more) => {
      const is_unfolded = view.place.find('.ywx-others').attr('open') !== undefined;
      view.draw('card', { ...shown, ...more, is_unfolded });
    };

    const look = (note) => {
      isAsked = true;
      view.wait(() =>
        backend.card(
          card,
          (answer) => {
            shown = describe(widget.i18n('card'), answer, card.kind === 'lead' ? card.id : 0);
            say({ note });
          },
          (words) => {
            isAsked = false;
            view.draw('trouble', ui.trouble(widget, words));
          },
        ),
      );
    };

    const open = () => {
      if (isAsked) {
        return;
      }
      const texts = widget.i18n('card');
      if (card.id === 0) {
        view.draw('wait', { sentence: texts.unsaved });
        return;
      }
      view.draw('wait', { sentence: texts.loading });
      look('');
    };

    // The server reads the bookings anew a moment later, so the fresh look waits for that moment.
    const recheck = () => {
      const what = card.kind === 'lead' ? { leads: [card.id] } : { contact: card.id };

      say({ note: widget.i18n('card').asking, is_busy: true });
      view.wait(() =>
        backend.recheck(
          what,
          (answer) => {
            say({ note: answer.sentence, is_busy: true });
            view.pause(REREAD_MS, () => look(widget.i18n('card').rechecked));
          },
          (words) => say(ui.trouble(widget, words)),
        ),
      );
    };

    const enter = () => {
      const texts = widget.i18n('door');

      say({ note: texts.opening, is_busy: true });
      view.wait(() =>
        door.open(
          { to: 'why', q: question(shown.panel_url) },
          () => say({ note: texts.opened }),
          (url) => say({ url, door: texts, note: texts.blocked }),
          (words) => say(ui.trouble(widget, words)),
        ),
      );
    };

    const hide = () => {
      $(document).off('click.ywx');
      if (view !== null) {
        view.close();
        view = null;
      }
      return true;
    };

    return {
      // The block is empty and asks nobody until it is opened.
      draw: () => {
        hide();
        card = place.card();
        isAsked = false;
        if (card !== null) {
          ui.addStyle(widget);
          const block = { caption: { class_name: CAPTION, html: '' }, body: '<div class="ywx-panel ywx-card"></div>' };
          widget.render_template({ ...block, render: '' }, {});
        }
        return true;
      },

      // Opening the block is a click on its caption; the button is for a keyboard, and for a block that is open already.
      bind: () => {
        if (card !== null && view === null) {
          const button = { class: 'ywx-button', type: 'button', text: widget.i18n('card').open, 'data-ywx': 'open' };
          view = makeView(widget, $('.ywx-card').append($('<button>', button)));
          view.on('open', open);
          view.on('again', open);
          view.on('recheck', recheck);
          view.on('enter', enter);
          $(document).on('click.ywx', '.' + CAPTION, open);
        }
        return true;
      },
      hide,
    };
  };
});
