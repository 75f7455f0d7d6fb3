'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { answer, asked, refuse, start } = require('./amd.js');

const SEAT = { url: 'https://mostik.example.com/cards?ticket=x', after: 0, dials: true };
const CALL = {
  type: 'ringing', call: '1:17.1', way: 'in', number: '+79990001122', name: 'Мария', contact_id: 5, lead_id: 7,
  lead_name: 'Эпиляция', leads: 2, line: 'Москва', previous: 'Анна', since: '2026-11-21T10:00:00+00:00', opens: false,
};
const DIAL = { type: 'dial', call: 'dial:ab', number: '+79990001122', status: 'waiting', reason: '', is_over: false };

// A page in any area, whose stream is open.
function page(options) {
  const stage = start({ area: 'leads', ...options });
  stage.enter();
  stage.cards = stage.page.body.children.find((child) => child.attributes.class.includes('ywx-calls'));
  stage.seats = () => stage.self.seats();
  stage.seat = (given = SEAT) => stage.seats().at(-1).onDone(given);
  return stage;
}

function open(options) {
  const stage = page(options);
  stage.seat();
  stage.stream = stage.sources.at(-1);
  return stage;
}

test('a stream is opened by a ticket, in every area and once', () => {
  const { seats, sources, callbacks, seat } = page();
  seat();

  callbacks.render();

  assert.equal(seats().length, 1);
  assert.deepEqual(sources.map((source) => source.url), [SEAT.url]);
});

test('who has no telephony holds no stream open and asks again much later', () => {
  const { seat, seats, sources, timers } = page();

  seat({ url: '', after: 600, dials: false });
  timers.pass(599999);

  assert.deepEqual([sources.length, seats().length], [0, 1]);
  timers.pass(600000);
  assert.equal(seats().length, 2);
});

test('before the installation nobody is asked', () => {
  const { self } = start();
  self.get_install_status = () => 'install';

  self.callbacks.render();

  assert.equal(self.seats().length, 0);
});

test('a ringing call shows who calls, about what, through which line, and who knows the client', () => {
  const { stream, cards } = open();

  stream.tell(CALL);

  for (const words of ['Входящий звонок', 'Мария', '+7 999 000-11-22', 'Эпиляция', 'и ещё 1', 'Москва', 'Анна', '/leads/detail/7', '/contacts/detail/5']) {
    assert.ok(cards.content.includes(words), words);
  }
});

test('an unknown number leads to a new contact, a hidden one to nothing', () => {
  const { stream, cards } = open();

  stream.tell({ ...CALL, name: '', contact_id: null, lead_id: null });
  assert.match(cards.content, /\/contacts\/add\/\?phone=%2B79990001122/);

  stream.tell({ ...CALL, number: '', name: '', contact_id: null, lead_id: null });
  assert.match(cards.content, /Номер скрыт/);
  assert.doesNotMatch(cards.content, /href=/);
});

test('what a client is called cannot become markup', () => {
  const { stream, cards } = open();

  stream.tell({ ...CALL, name: '<img src=x onerror=x()>', lead_name: '"><script>', line: "'><b>", previous: '<i>' });

  assert.doesNotMatch(cards.content, /<img|<script|<b>|<i>/);
});

test('an answer changes the card, and the page is not refreshed while they talk', () => {
  const { stream, cards, calling } = open();
  stream.tell(CALL);
  assert.equal(calling.is, false);

  stream.tell({ ...CALL, type: 'talking' });

  assert.match(cards.content, /Разговор/);
  assert.equal(calling.is, true);
});

test('somebody else answered: the card goes away', () => {
  const { stream, cards } = open();
  stream.tell(CALL);

  stream.tell({ type: 'gone', call: CALL.call });

  assert.doesNotMatch(cards.content, /Мария/);
});

test('the end of a talk stays for a moment, then goes', () => {
  const { stream, cards, calling, timers } = open();
  stream.tell({ ...CALL, type: 'talking' });

  stream.tell({ type: 'ended', call: CALL.call });

  assert.match(cards.content, /Разговор окончен/);
  assert.equal(calling.is, false);
  timers.pass(5000);
  assert.doesNotMatch(cards.content, /Мария/);
});

test('a missed call is told by amoCRM itself as well', () => {
  const { stream, cards, notices } = open();
  stream.tell(CALL);

  stream.tell({ type: 'ended', call: CALL.call });

  assert.match(cards.content, /Пропущенный звонок/);
  const { header, text } = notices[0].text;
  assert.deepEqual([notices.length, header, text], [1, 'Пропущенный звонок', 'Мария, +7 999 000-11-22']);
});

test('an outbound call that nobody took is not called missed', () => {
  const { stream, cards, notices } = open();
  stream.tell({ ...CALL, way: 'out' });

  stream.tell({ type: 'ended', call: CALL.call });

  assert.match(cards.content, /Не дозвонились/);
  assert.doesNotMatch(cards.content, /Пропущенный/);
  assert.equal(notices.length, 0);
});

test('what becomes of one number does not take away what was said of another', () => {
  const { self, stream, cards } = open();
  self.actions.phone({ value: '+79990003344' });
  refuse(self, 429, 'Слишком много звонков подряд');

  stream.tell({ ...DIAL, status: 'ringing_client' });

  assert.match(cards.content, /Слишком много звонков подряд/);
});

test('whoever calls themselves a tag is no tag in what amoCRM shows', () => {
  const { stream, notices } = open();
  stream.tell({ ...CALL, name: '<img src=x onerror=alert(1)>' });

  stream.tell({ type: 'ended', call: CALL.call });

  assert.doesNotMatch(notices[0].text.text, /[<>&]/);
});

test('the end of a call that nobody saw is nothing', () => {
  const { stream, cards, notices } = open();

  stream.tell({ type: 'ended', call: 'other' });
  stream.tell({ type: 'something new', call: 'other' });

  assert.deepEqual([cards.content.trim(), notices.length], ['', 0]);
});

test('a stream that comes back shows what goes on now and nothing else', () => {
  const { stream, cards } = open();
  stream.tell(CALL);

  stream.tell({ type: 'sync', cards: [{ ...CALL, call: '1:18.1', name: 'Пётр' }] });

  assert.match(cards.content, /Пётр/);
  assert.doesNotMatch(cards.content, /Мария/);
});

test('a broken stream is opened again with a new ticket, later each time', () => {
  const { stream, seats, timers, sources, seat } = open();

  stream.break();
  assert.equal(stream.isOpen, false);
  timers.pass(1600);
  assert.equal(seats().length, 2);
  seat({ ...SEAT, url: SEAT.url + '2' });
  sources.at(-1).break();
  timers.pass(900);

  assert.equal(seats().length, 2);
  timers.pass(3000);
  assert.equal(seats().length, 3);
});

test('a stream without a sign of life is not believed', () => {
  const { stream, seats, timers } = open();
  stream.tell({ type: 'alive' });

  timers.pass(40000);
  timers.pass(1600);

  assert.equal(stream.isOpen, false);
  assert.equal(seats().length, 2);
});

test('a server that refuses is not asked every second', () => {
  const { seats, timers } = page();

  seats()[0].onFail({ status: 401, responseJSON: { code: 'widget.unknown_account', message: 'Нет такого аккаунта.' } });
  timers.pass(14000);

  assert.equal(seats().length, 1);
});

test('the card is hidden by its button and by the keyboard, and opened by the keyboard', () => {
  const { stream, cards, page: document, tabs } = open();
  const [press] = document.document.listeners.filter((each) => each.events === 'keydown.ywx-calls').map((each) => each.selector);
  const key = (name) => press({ key: name, ctrlKey: true, altKey: true, preventDefault: () => {} });
  stream.tell(CALL);

  press({ key: 'Enter', ctrlKey: false, altKey: true });
  assert.deepEqual(tabs, []);
  key('Enter');
  assert.deepEqual(tabs, ['/leads/detail/7']);
  key('Backspace');
  assert.doesNotMatch(cards.content, /Мария/);

  stream.tell(CALL);
  cards.press('hide', CALL.call);
  assert.doesNotMatch(cards.content, /Мария/);
});

test('escape takes away the card that one stands in, and nothing of the page', () => {
  const { stream, cards, page: document } = open();
  const [press] = document.document.listeners.filter((each) => each.events === 'keydown.ywx-calls').map((each) => each.selector);
  const inside = { querySelector: () => ({ dataset: { value: CALL.call } }) };
  stream.tell(CALL);
  stream.tell({ ...CALL, call: '1:17.2', name: 'Вера' });

  press({ key: 'Escape', target: { closest: () => null } });
  assert.match(cards.content, /Мария/);
  press({ key: 'Escape', target: { closest: () => inside } });

  assert.doesNotMatch(cards.content, /Мария/);
  assert.match(cards.content, /Вера/);
});

test('a contact that is called by its number is named once', () => {
  const { stream, cards } = open();

  stream.tell({ ...CALL, name: '+79990001122' });

  assert.match(cards.content, /\+7 999 000-11-22/);
  assert.doesNotMatch(cards.content, /\+79990001122/);
});

test('nobody is torn from the page by a caller who is not known', () => {
  const { stream, tabs, cards } = open();

  stream.tell({ ...CALL, name: '', lead_id: 0, contact_id: 0, opens: true });

  assert.deepEqual(tabs, []);
  assert.match(cards.content, /contacts\/add/);
});

test('who wants it has the card of the caller opened, once', () => {
  const { stream, tabs } = open();

  stream.tell({ ...CALL, opens: true });
  stream.tell({ ...CALL, opens: true });

  assert.deepEqual(tabs, ['/leads/detail/7']);
});

test('a click on a number asks for a call from the card it stands in', () => {
  const { self, cards } = open({ area: 'companies_card', card: { id: 9 } });

  self.actions.phone({ value: '8 (999) 000-11-22', type: 'phone' });

  assert.deepEqual(asked(self), {
    path: '/widget/calls/dial', method: 'POST',
    body: { entity: 'company', id: 9, number: '8 (999) 000-11-22', lang: 'ru' },
  });
  assert.match(cards.content, /Набираем/);
});

test('a click in a list names no card', () => {
  const { self } = open();

  self.actions.phone({ value: '+79990001122' });

  assert.deepEqual(asked(self).body, { number: '+79990001122', lang: 'ru' });
});

test('who clicks twice means one call', () => {
  const { self, stream, cards } = open();
  const asks = () => self.requests.filter((each) => each.options.url.endsWith('/widget/calls/dial')).length;

  self.actions.phone({ value: '8 (999) 000-11-22' });
  self.actions.phone({ value: '8 (999) 000-11-22' });
  answer(self, DIAL);
  self.actions.phone({ value: '8 (999) 000-11-22' });
  assert.equal(asks(), 1);

  stream.tell({ ...DIAL, status: 'ended', is_over: true });
  self.actions.phone({ value: '8 (999) 000-11-22' });
  assert.equal(asks(), 2, 'what is over may be called again');
});

test('a dial goes on in its card: own phone, client, talk, end', () => {
  const { self, stream, cards, calling, timers } = open();
  self.actions.phone({ value: DIAL.number });
  answer(self, DIAL);

  stream.tell({ ...DIAL, status: 'ringing_operator' });
  assert.match(cards.content, /Снимите трубку/);
  assert.match(cards.content, /ywx-call__step_now">Звонит ваш телефон/);
  stream.tell({ ...DIAL, status: 'ringing_client' });
  assert.match(cards.content, /ywx-call__step_now">Звоним клиенту/);
  stream.tell({ ...DIAL, status: 'talking' });
  assert.equal(calling.is, true);
  stream.tell({ ...DIAL, status: 'ended', is_over: true });

  assert.equal(calling.is, false);
  assert.match(cards.content, /Разговор окончен/);
  timers.pass(5000);
  assert.equal(cards.content.trim(), '');
});

test('the stream may be quicker than the answer', () => {
  const { self, stream, cards } = open();
  self.actions.phone({ value: DIAL.number });

  stream.tell({ ...DIAL, status: 'ringing_operator' });
  answer(self, DIAL);

  assert.match(cards.content, /Снимите трубку/);
  assert.doesNotMatch(cards.content, /Набираем/);
});

test('why a dial did not work stands in its card', () => {
  const { self, stream, cards } = open();
  self.actions.phone({ value: DIAL.number });
  answer(self, DIAL);

  stream.tell({ ...DIAL, status: 'failed', reason: 'operator_silent', is_over: true });

  assert.match(cards.content, /Вы не сняли трубку/);
});

test('a refusal is said in the words of the server', () => {
  const { self, cards } = open();
  self.actions.phone({ value: '112' });

  refuse(self, 400, 'Экстренные номера не набираются.');

  assert.match(cards.content, /Экстренные номера не набираются\./);
});

test('switched off, nothing of it is left', () => {
  const { stream, callbacks, page: document, calling } = open();
  stream.tell({ ...CALL, type: 'talking' });

  assert.equal(callbacks.destroy(), true);

  assert.deepEqual([stream.isOpen, calling.is], [false, false]);
  assert.equal(document.body.children.length, 0);
  assert.equal(document.document.listeners.length, 0);
});
