define(['jquery', './booking.js', './deeds.js', './place.js', './told.js', './ui.js', './view.js'], function (
  $, makeBooking, makeDeeds, place, told, ui, makeView,
) {
  'use strict';

  const CAPTION = 'ywx-caption';
  // Long enough for a booking to be read anew in YCLIENTS and decided again.
  const REREAD_MS = 4000;

  // What the panel is asked about: the server has put it into the address of the page.
  const question = (url) => decodeURIComponent((/[?&]q=([^&#]*)/.exec(url) || ['', ''])[1]);

  return function (widget, backend, door) {
    let view = null;
    let card = null;
    let answer = null;
    let isAsked = false;
    let booking = null;

    const ownLead = () => (card.kind === 'lead' ? card.id : 0);
    const isUnfolded = (part) => view.place.find('.ywx-' + part).attr('open') !== undefined;

    // What the person has unfolded stays unfolded.
    const say = (more, focus) => {
      const shown = told.card(widget.i18n('card'), answer, ownLead());
      const unfolded = { is_past_open: isUnfolded('past'), is_why_open: isUnfolded('facts') };
      view.draw('card', { ...shown, ...unfolded, ...more }, focus && (() => view.focus(focus)));
    };

    const look = (note) => {
      isAsked = true;
      view.wait(() =>
        backend.card(
          itself(),
          (found) => {
            answer = found;
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
          (found) => {
            say({ note: found.sentence, is_busy: true });
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
          { to: 'why', q: question(ui.link(answer.panel_url)) },
          () => say({ note: texts.opened }),
          (url) => say({ url, door: texts, note: texts.blocked }),
          (words) => say(ui.trouble(widget, words)),
        ),
      );
    };

    // A booking was made or changed from here: the answer said how it is now, so nobody is asked again.
    const changed = (note, found, isUnknown) => {
      if (isUnknown) {
        look('');
        return;
      }
      answer = found ? told.changed(answer, found) : answer;
      say({ note, note_key: found ? found.key : '' }, note && 'note');
    };

    const itself = () => ({ [card.kind]: card.id });

    // The first look has the nearest bookings; somebody who wants the rest asks for it.
    const all = () => {
      say({ note: widget.i18n('card').loading, is_busy: true });
      view.wait(() =>
        backend.person(
          itself(),
          (found) => {
            answer = told.all(answer, found.bookings || []);
            say({ is_past_open: true });
          },
          (words) => say(ui.trouble(widget, words)),
        ),
      );
    };

    const forget = () => {
      answer = { ...answer, question: null };
      say({});
    };

    const listen = () => {
      booking = makeBooking(widget, backend, view, changed);
      makeDeeds(widget, backend, view, { say, changed, itself, forget });
      view.on('open', open);
      view.on('again', open);
      view.on('recheck', recheck);
      view.on('enter', enter);
      view.on('all', all);
      view.on('create', () => booking.create(itself()));
      view.on('move', (key) => booking.move(itself(), told.found(answer, key)));
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
        if (card !== null && card.kind === 'company') {
          card = null;
        }
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
          listen();
          $(document).on('click.ywx', '.' + CAPTION, open);
        }
        return true;
      },
      hide,
    };
  };
});
