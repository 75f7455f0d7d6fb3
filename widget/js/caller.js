define([], function () {
  'use strict';

  const LIVE = ['ringing', 'talking', 'dial'];
  const WAITING = ['waiting', 'claimed', 'ringing_operator', 'ringing_client'];

  const page = (kind, id) => (Number(id) > 0 ? '/' + kind + '/detail/' + Number(id) : '');

  const two = (number) => (number < 10 ? '0' : '') + number;

  // +79990001122 as people read it.
  const spelled = (number) => {
    const found = /^\+7(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number);
    return found ? '+7 ' + found[1] + ' ' + found[2] + '-' + found[3] + '-' + found[4] : number;
  };

  // A contact that nobody has named yet is called by its number; that stands there anyway.
  const named = (call) => (/\p{L}/u.test(call.name || '') ? call.name : '');

  // The card of who is known: the lead, else the person.
  const known = (call) => (call.type === 'dial' ? '' : page('leads', call.lead_id) || page('contacts', call.contact_id));

  // Where «open» leads: the card, else a new contact with this number.
  const target = (call) => {
    if (call.type === 'dial') {
      return '';
    }
    const fresh = call.number ? '/contacts/add/?phone=' + encodeURIComponent(call.number) : '';
    return known(call) || fresh;
  };

  // What is going on, in a few words: the tag of a card, and the tone of it.
  const status = (texts, call) => {
    if (call.type === 'ended') {
      const unmet = call.way === 'out' ? { title: texts.unreached, tone: 'warn' } : { title: texts.missed, tone: 'bad' };
      return call.was === 'talking' ? { title: texts.talked, tone: 'quiet' } : unmet;
    }
    if (call.type !== 'dial') {
      const isTalk = call.type === 'talking';
      const rings = call.way === 'out' ? texts.calling : texts.rings;
      return { title: isTalk ? texts.talks : rings, tone: isTalk ? 'good' : 'warn' };
    }
    const reason = texts.reasons[call.reason];
    const tones = { talking: 'good', ended: reason ? 'bad' : 'quiet' };
    const tone = WAITING.includes(call.status) ? 'warn' : tones[call.status] || 'bad';
    return { title: reason || texts.dials[call.status] || texts.dials.waiting, tone };
  };

  // How far a dial has come: what is done, and what goes on.
  const steps = (texts, call) => {
    const step = Math.max(0, WAITING.indexOf(call.status) - 1);
    return ['order', 'own', 'client'].map((name, n) => ({
      name: texts.steps[name],
      is_done: n < step,
      is_now: n === step,
    }));
  };

  // «8», «7» and «+7» before a number mean the same.
  const digits = (number) => String(number || '').replace(/\D/g, '').slice(-10);

  return {
    isSame: (one, other) => digits(one) !== '' && digits(one) === digits(other),
    isLive: (call) => LIVE.includes(call.type) && !call.is_over,
    isTalk: (call) => call.type === 'talking' || (call.type === 'dial' && call.status === 'talking'),
    isDial: (call) => call.type === 'dial',
    known,
    named,
    target,
    spelled,

    clock: (seconds) => Math.floor(seconds / 60) + ':' + two(Math.floor(seconds % 60)),

    // A call as its card shows it.
    told: (texts, call) => {
      const { title, tone } = status(texts, call);
      const number = call.number ? spelled(call.number) : texts.hidden;
      const open = target(call);
      const leads = page('leads', call.lead_id);
      return {
        call: call.call,
        title: named(call) || number,
        number: named(call) ? number : '',
        state: title,
        tone,
        line: call.line || '',
        previous: call.previous || '',
        lead: leads ? call.lead_name || texts.lead + ' № ' + call.lead_id : '',
        more: Number(call.leads) > 1 ? Number(call.leads) - 1 : 0,
        open,
        open_title: leads ? texts.open_lead : page('contacts', call.contact_id) ? texts.open_contact : texts.add_contact,
        contact: leads ? page('contacts', call.contact_id) : '',
        steps: call.type === 'dial' && WAITING.includes(call.status) ? steps(texts, call) : [],
        note: call.note || '',
        is_talk: call.type === 'talking' || call.status === 'talking',
      };
    },
  };
});
