define(['./attempt.js', './ui.js'], function (makeAttempt, ui) {
  'use strict';

  const SAFE = ['confirm', 'arrive'];

  // What can be done to a booking that is there: at once, or after a question when it cannot be undone.
  return function (widget, backend, view, card) {
    let asked = null;
    let attempt = null;

    const texts = () => widget.i18n('card');

    const act = (deed, key) => {
      asked = { deed, key };
      card.say({ note: texts().acting, note_key: key, is_busy: true });
      attempt.send(
        (form, done, fail) => backend.act(deed, { form, ...card.itself(), key }, done, fail),
        (answer) => card.changed(answer.sentence, answer.booking),
        (words) =>
          card.say({
            ...ui.trouble(widget, words || texts().unknown),
            note_key: key,
            is_repeatable: attempt.isUnknown,
          }),
      );
    };

    // A double click comes before the buttons know that something is on its way.
    const first = (deed) => (key) => {
      if (attempt === null || !attempt.isSent) {
        attempt = makeAttempt(view);
        act(deed, key);
      }
    };

    SAFE.forEach((deed) => view.on(deed, first(deed)));
    view.on('cancel', (key) => card.say({ asks: key }, 'sure'));
    view.on('sure', first('cancel'));
    view.on('keep', () => card.say({}));
    view.on('repeat', () => act(asked.deed, asked.key));
    view.on('leave_it', () => card.forget());
  };
});
