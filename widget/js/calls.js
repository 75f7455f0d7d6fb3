define(['jquery', './caller.js', './place.js', './stream.js', './ui.js', './view.js'], function (
  $, caller, place, makeStream, ui, makeView,
) {
  'use strict';

  const EVENTS = '.ywx-calls';
  // How long what is over stays in sight: a talk, and what somebody should read.
  const OVER_MS = 5000;
  const READ_MS = 12000;
  const TICK_MS = 1000;
  const OWN = 'own';

  // Cards of this person's calls, above whatever page is open, and the clicks on numbers.
  return function (widget, backend) {
    let view = null;
    let cards = [];
    let skew = 0;
    let ticking = null;
    const leaving = {};

    const texts = () => widget.i18n('calls');
    const seconds = (card) => Math.max(0, (Date.now() - skew - Date.parse(card.since)) / 1000);
    const newest = () => cards[cards.length - 1];

    const tick = () => {
      clearTimeout(ticking);
      const talks = cards.filter(caller.isTalk);
      talks.forEach((card) => view.place.find('[data-ywx-since="' + card.call + '"]').text(caller.clock(seconds(card))));
      ticking = talks.length > 0 ? setTimeout(tick, TICK_MS) : null;
    };

    // amoCRM does not refresh the page under somebody who talks.
    const mark = () => {
      if (APP.sdk) {
        APP.sdk.setCallingStatus(cards.some(caller.isTalk));
      }
    };

    const draw = () => {
      const told = cards.map((card) => ({ ...caller.told(texts(), card), clock: caller.clock(seconds(card)) }));
      view.draw('calls', { texts: texts(), calls: told.reverse() }, tick);
      mark();
    };

    const forget = (call) => {
      clearTimeout(leaving[call]);
      delete leaving[call];
      cards = cards.filter((card) => card.call !== call);
    };

    const hide = (call) => {
      forget(call);
      draw();
    };

    const leave = (card, milliseconds) => {
      clearTimeout(leaving[card.call]);
      leaving[card.call] = setTimeout(() => hide(card.call), milliseconds);
    };

    // One card for each call; what is newer takes the place of what was known.
    const put = (card) => {
      const known = cards.find((one) => one.call === card.call);
      clearTimeout(leaving[card.call]);
      cards = known ? cards.map((one) => (one === known ? card : one)) : [...cards, card];
      if (!caller.isLive(card)) {
        leave(card, card.reason || card.note || card.was === 'ringing' ? READ_MS : OVER_MS);
      }
    };

    // A person may have many tabs; only the one that is looked at acts by itself.
    const isSeen = () => document.visibilityState !== 'hidden';

    const rings = (card) => {
      const isNew = !cards.some((one) => one.call === card.call);
      put(card);
      if (isNew && card.opens && card.way === 'in' && isSeen() && caller.known(card)) {
        window.location.assign(caller.known(card));
      }
    };

    const ended = (message) => {
      const known = cards.find((one) => one.call === message.call);
      if (!known || !caller.isLive(known)) {
        return;
      }
      put({ ...known, type: 'ended', was: known.type });
      if (known.type === 'ringing' && known.way === 'in' && isSeen() && APP.notifications) {
        const header = texts().missed;
        // The host may draw it as markup, and anybody may have called themselves so.
        const text = [caller.named(known), caller.spelled(known.number || texts().hidden)].filter(Boolean).join(', ').replace(/[<>&]/g, ' ');
        APP.notifications.show_notification({ text: { header, text }, date: Math.floor(Date.now() / 1000), type: 'call' });
      }
    };

    // All that goes on now; what is not among it ended while nobody heard.
    const sync = (message) => {
      const known = cards.filter((card) => !caller.isLive(card) || card.call === OWN);
      cards = [...known.filter((card) => !message.cards.some((one) => one.call === card.call)), ...message.cards];
    };

    const hearers = {
      sync,
      ringing: rings,
      talking: put,
      dial: (card) => {
        cards.filter((one) => one.call === OWN && caller.isSame(one.number, card.number)).forEach((one) => forget(one.call));
        put(card);
      },
      gone: (message) => forget(message.call),
      ended,
    };

    const hear = (message) => {
      if (view === null || hearers[message.type] === undefined) {
        return;
      }
      if (message.at) {
        skew = Date.now() - Date.parse(message.at);
      }
      hearers[message.type](message);
      draw();
    };

    const stream = makeStream(backend, hear);

    // The phone of the person rings first, so the card says at once that something happens.
    const dial = (data) => {
      const number = String(data.value || '');
      // Who clicks twice means one call.
      if (cards.some((one) => caller.isDial(one) && caller.isLive(one) && caller.isSame(one.number, number))) {
        return;
      }
      const card = place.card();
      const from = card === null || card.id === 0 ? {} : { entity: card.kind, id: card.id };
      const shown = { type: 'dial', call: OWN, number, status: 'waiting', reason: '' };

      show();
      put(shown);
      draw();
      backend.dial(
        { ...from, number },
        (answer) => {
          const known = cards.some((one) => one.call === answer.call);
          forget(OWN);
          if (!known) {
            put(answer);
          }
          draw();
        },
        (words) => {
          put({ ...shown, is_over: true, status: 'refused', note: words || widget.i18n('trouble').away });
          draw();
        },
      );
    };

    // Escape takes away the card that one stands in, the keys with Ctrl and Alt work from everywhere.
    const escape = (event) => {
      const card = event.target.closest('.ywx-call');
      if (card !== null) {
        hide(card.querySelector('[data-ywx="hide"]').dataset.value);
      }
    };

    const press = (event) => {
      if (event.key === 'Escape') {
        escape(event);
      }
      if (!event.ctrlKey || !event.altKey || cards.length === 0) {
        return;
      }
      if (event.key === 'Enter' && caller.target(newest())) {
        event.preventDefault();
        window.location.assign(caller.target(newest()));
      } else if (event.key === 'Backspace') {
        event.preventDefault();
        hide(newest().call);
      }
    };

    function show() {
      if (view === null) {
        ui.addStyle(widget);
        const region = { class: 'ywx-panel ywx-calls', role: 'region', 'aria-label': texts().title };
        view = makeView(widget, $('<div>', region));
        $('body').append(view.place);
        view.listen('assertive');
        view.on('hide', hide);
        $(document).on('keydown' + EVENTS, press);
      }
    }

    return {
      // Once for the life of the page; amoCRM calls us again in every area.
      start: () => {
        // Before the installation there is nobody whose calls these could be.
        if (widget.get_install_status() !== 'install') {
          show();
          stream.start();
        }
        return true;
      },
      dial,
      hide: () => {
        stream.stop();
        clearTimeout(ticking);
        cards.forEach((card) => clearTimeout(leaving[card.call]));
        cards = [];
        if (view !== null) {
          $(document).off(EVENTS);
          mark();
          view.close();
          view = null;
        }
        return true;
      },
    };
  };
});
