define(['./ui.js'], function (ui) {
  'use strict';

  const TONES = ['good', 'warn', 'bad'];
  const DEEDS = ['confirm', 'arrive', 'move', 'cancel'];

  const lead = (number) => (number > 0 ? '/leads/detail/' + number : '');

  // `own` is the lead on the screen: it needs no link to itself. A booking can only be moved by somebody who knows
  // its specialist and its services by number.
  const booking = (texts, own) => (found) => {
    const can = found.can || [];
    const isKnown = found.master_id && (found.service_ids || []).length > 0;
    return {
      ...found,
      tone: TONES.includes(found.tone) ? found.tone : 'quiet',
      journal_url: ui.link(found.journal_url),
      lead_url: Number(found.lead_id) === own ? '' : lead(Number(found.lead_id)),
      deeds: DEEDS.filter((name) => can.includes(name) && (name !== 'move' || isKnown)).map((name) => ({
        name,
        title: texts.deeds[name],
      })),
    };
  };

  const find = (answer, key) => [answer.booking, ...(answer.others || [])].find((each) => each && each.key === key);

  const why = (told, own) => {
    const line = (each) => ({ ...each, lead_url: Number(each.lead_id) === own ? '' : lead(Number(each.lead_id)) });
    return told && { ...told, parts: (told.parts || []).map((part) => ({ ...part, lines: part.lines.map(line) })) };
  };

  // Whoever may not cancel is not asked whether to.
  const question = (answer) => {
    const found = answer.question && find(answer, answer.question.key);
    return found && (found.can || []).includes('cancel') ? answer.question : null;
  };

  return {
    // What the server said, as the template of the card wants it.
    card: (texts, answer, own) => {
      const told = booking(texts, own);
      const others = (answer.others || []).map(told);
      const past = others.filter((each) => each.is_past);
      const coming = others.filter((each) => !each.is_past);
      const groups = [
        { name: 'own', bookings: answer.booking ? [told(answer.booking)] : [] },
        { name: 'coming', title: texts.coming, bookings: coming },
        { name: 'past', title: texts.past, bookings: past },
      ].filter((group) => group.bookings.length > 0);
      return {
        texts,
        groups,
        more: Number(answer.more) || 0,
        sentence: answer.sentence,
        why: why(answer.why, own),
        question: question(answer),
        can_create: answer.can_create === true && own > 0,
        denied: answer.denied || '',
        panel_url: ui.link(answer.panel_url),
      };
    },

    // The same answer after something was done to one booking, or a new one was made. What was changed stays where the
    // person looks, until the next look; the first booking of a card takes the place of «there are none».
    changed: (answer, changed) => {
      const put = (each) =>
        each && each.key === changed.key ? { ...each, ...changed, is_past: each.is_past } : each;
      const isAnswered = answer.question && answer.question.key === changed.key;
      const rest = isAnswered ? { ...answer, question: null } : answer;
      const others = (answer.others || []).map(put);
      if (find(answer, changed.key)) {
        return { ...rest, booking: put(answer.booking), others };
      }
      return answer.booking ? { ...rest, others: [changed, ...others] } : { ...rest, sentence: '', booking: changed };
    },

    // With every booking of the person beside the card's own.
    all: (answer, bookings) => ({
      ...answer,
      others: bookings.filter((each) => !answer.booking || each.key !== answer.booking.key),
      more: 0,
    }),

    found: find,
  };
});
