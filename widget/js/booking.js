define(['./attempt.js', './calendar.js', './draft.js', './services.js', './ui.js'], function (
  makeAttempt, calendar, makeDraft, services, ui,
) {
  'use strict';

  const DOORS = { salon: 'salons', services: 'services', master: 'masters', day: 'days', time: 'times' };
  const TIME = /^\d\d:\d\d$/;
  const SLOT = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)/;

  // Making a booking, and moving one: a question at a time, in the place where the card was.
  return function (widget, backend, view, finish) {
    let draft = null;
    let attempt = null;
    let moved = null;
    let whose = {};
    let step = '';
    let answer = null;

    const texts = () => widget.i18n('book');
    const lang = () => widget.i18n('language').code;

    const READ = {
      salon: () => answer.salons.map((salon) => ({ id: salon.id, title: salon.title })),
      master: () => answer.masters.map((one) => ({ id: one.id, title: one.name, hint: one.speciality })),
      time: () => answer.times.filter((time) => TIME.test(time)).map((time) => ({ id: time, title: time })),
      day: () => answer.days.map((day) => ({ id: day, title: calendar.named(day, lang()) })),
      services: () => services.all(answer),
    };

    const titleOf = (choice) => [].concat(choice).map((one) => one.title).join(', ');
    const trail = () =>
      draft
        .steps()
        .filter((each) => each !== step && draft.chosen[each] && each !== 'check')
        .map((each) => ({ step: each, label: texts().labels[each], title: titleOf(draft.chosen[each]) }));

    const shape = () => {
      const isTold = answer !== null;
      const options = isTold && READ[step] ? READ[step]() : [];
      const chosen = [].concat(draft.chosen[step] || []).map((one) => String(one.id));
      const mark = (option) => ({ ...option, is_chosen: chosen.includes(String(option.id)) });
      return {
        options: options.map(mark),
        is_empty: isTold && options.length === 0 && step !== 'check',
        months: isTold && step === 'day' ? calendar.months(answer.days, lang()) : [],
        weekdays: step === 'day' ? calendar.weekdays(lang()) : [],
        groups: isTold && step === 'services' ? services.groups(answer, mark) : [],
        chosen: chosen[0] || '',
        total: step === 'services' || step === 'check' ? services.total(draft.chosen.services, texts()) : '',
      };
    };

    const draw = (more) => {
      const steps = draft.steps();
      const values = {
        ...shape(),
        texts: texts(),
        step,
        title: moved ? texts().moving + ' ' + moved.when : texts().title,
        heading: step === 'check' && moved ? texts().headings.move : texts().headings[step],
        place: steps.indexOf(step) + 1,
        count: steps.length,
        trail: trail(),
        comment: draft.comment || '',
        is_first: draft.before(step) === '',
        is_moved: moved !== null,
        is_unknown: attempt.isUnknown,
      };
      view.draw('booking', { ...values, ...more }, () => view.focus(more.focus || 'title'));
    };

    const fail = (words) => draw({ ...ui.trouble(widget, words), is_failed: true });

    const to = (next) => {
      step = next;
      answer = null;
      attempt = makeAttempt(view);
      if (step === 'check') {
        answer = {};
        draw({});
        return;
      }
      draw({ is_busy: true });
      view.wait(() => backend.slots(DOORS[step], { ...whose, ...draft.query() }, told, fail));
    };

    const told = (found) => {
      answer = { salons: [], categories: [], masters: [], days: [], times: [], ...found };
      const isNew = step === 'salon' && !draft.chosen.salon;
      const usual = answer.salons.find((salon) => String(salon.id) === String(answer.chosen));
      const only = answer.salons.length === 1 ? answer.salons[0] : null;
      if (isNew && only) {
        draft.skip('salon');
      }
      if (isNew && (only || usual)) {
        pick((only || usual).id);
      } else {
        draw({});
      }
    };

    const pick = (id) => {
      const found = READ[step]().find((option) => String(option.id) === String(id));
      if (found) {
        draft.choose(step, found);
        to(draft.after(step));
      }
    };

    const enough = () => {
      if ((draft.chosen.services || []).length === 0) {
        view.place.find('.ywx-book__problem').text(texts().nothing_chosen);
      } else {
        to(draft.after(step));
      }
    };

    const nearest = (slots) =>
      (Array.isArray(slots) ? slots : []).map((slot) => SLOT.exec(slot)).filter(Boolean).map(([, day, time]) => ({
        slot: day + ' ' + time,
        title: calendar.named(day, lang()) + ', ' + time,
      }));

    // The place was taken meanwhile: the nearest free ones are one click away.
    const refused = (words, refusal) => {
      draw({ ...ui.trouble(widget, words || texts().unknown), nearest: nearest(refusal.nearest), focus: 'send' });
    };

    const send = () => {
      const { salon, services: lines, master } = draft.chosen;
      const common = { ...whose, master: master.id, at: draft.at() };
      const body = moved
        ? { ...common, key: moved.key }
        : { ...common, salon: salon.id, services: lines.map((line) => line.id), comment: draft.comment || '' };
      draw({ is_busy: true, is_sending: true, focus: 'send' });
      attempt.send(
        (form, done, wrong) =>
          moved ? backend.act('move', { ...body, form }, done, wrong) : backend.book({ ...body, form }, done, wrong),
        (made) => leave(made.sentence, made.booking),
        refused,
      );
    };

    // Of an attempt without an answer the card asks anew: it may have been made after all.
    const leave = (note, booking) => {
      const isUnknown = attempt.isUnknown;
      draft = null;
      view.wait(() => () => {});
      view.listen('polite');
      finish(note, booking, isUnknown);
    };

    const begin = (first) => {
      view.listen('off');
      to(first);
    };

    const slot = (chosen) => {
      const [day, time] = chosen.split(' ');
      draft.choose('day', { id: day, title: calendar.named(day, lang()) });
      draft.choose('time', { id: time, title: time });
      draw({ focus: 'send' });
    };

    // Until the next step is drawn the buttons of the one before are still there: a second click on them means nothing.
    const at = (name, steps, listener) =>
      view.on(name, (value) => draft && answer && steps.includes(step) && listener(value));
    at('pick', ['salon', 'master', 'day', 'time'], pick);
    at('enough', ['services'], enough);
    at('send', ['check'], send);
    at('slot', ['check'], slot);

    const on = (name, listener) => view.on(name, (value) => draft && !attempt.isSent && listener(value));
    on('goto', to);
    on('back', () => (draft.before(step) ? to(draft.before(step)) : leave('')));
    on('leave', () => leave(''));
    on('reload', () => to(step));

    view.hear('comment', (field) => {
      draft.comment = field.value;
    });
    view.hear('service', (box) => {
      const line = READ.services().find((each) => String(each.id) === box.value);
      draft.choose('services', services.toggled(draft.chosen.services || [], line, box.checked));
      view.place.find('.ywx-book__total').text(services.total(draft.chosen.services, texts()));
      view.place.find('.ywx-book__problem').text('');
    });
    view.hear('search', (field) => services.filter(view.place, field.value));

    return {
      create: (forWhom) => {
        [whose, moved, draft] = [forWhom, null, makeDraft({})];
        begin('salon');
      },

      move: (forWhom, booking) => {
        const given = { salon: { id: booking.salon_id }, services: booking.service_ids.map((id) => ({ id })) };
        [whose, moved, draft] = [forWhom, booking, makeDraft(given)];
        draft.choose('master', { id: booking.master_id, title: booking.master });
        begin('day');
      },
    };
  };
});
