'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { answer, asked, refuse, start } = require('./amd.js');

const BOOKING = {
  key: 'yclients:1:501',
  salon_id: 1,
  master_id: 81,
  service_ids: [9],
  can: ['move', 'cancel', 'confirm', 'arrive'],
  number: '501',
  salon: 'Тверская',
  when: 'завтра, 22 ноября, 14:30',
  master: 'Мастер Первый',
  status: 'confirmed',
  status_text: 'Подтверждена',
  tone: 'good',
  services: [{ title: 'Стрижка', sum: '3 000 ₽' }],
  total: '3 000 ₽',
  paid: '1 000 ₽',
  comment: 'Придёт раньше',
  journal_url: 'https://yclients.com/timetable/1',
  lead_id: 900001,
};
const OTHER = {
  ...BOOKING, key: 'yclients:1:502', number: '502', when: '1 октября, 10:00', services: [], lead_id: 900002, is_past: true, can: [],
};
const CARD = {
  state: 'linked',
  sentence: 'Сделка ведётся по записи.',
  booking: BOOKING,
  others: [OTHER],
  why: { sentence: 'Клиент подтвердил визит.', when: 'сегодня в 09:12' },
  panel_url: 'https://mostik.example.com/admin/accounts/lotos.amocrm.ru/why?q=900001',
};
const EMPTY = { state: 'unlinked', sentence: 'К этой сделке записей нет.', booking: null, others: [], why: null, panel_url: '' };

function card(options) {
  const stage = start({ area: 'leads_card', card: { id: 900001 }, ...options });
  stage.results = stage.enter();
  stage.block = stage.self.block;
  return stage;
}

function opened(values, options) {
  const stage = card(options);
  stage.block.press('open');
  answer(stage.self, values);
  return stage;
}

test('a card that is not opened asks nobody and loads nothing', () => {
  const { results, self, block } = card();

  assert.deepEqual(results, [true, true, true]);
  assert.equal(self.requests.length, 0);
  assert.equal(self.drawn.length, 0);
  assert.equal(block.children[0].attributes.text, 'Показать запись');
});

test('opening the block by its caption asks once, however often it is clicked', () => {
  const { self, page } = card();

  page.document.click('.ywx-caption');
  answer(self, CARD);
  page.document.click('.ywx-caption');

  assert.equal(self.requests.length, 1);
  assert.deepEqual(asked(self), { path: '/widget/card', method: 'GET', body: { lead: 900001, lang: 'ru' } });
});

test('the card of a contact asks by the contact', () => {
  const { self, block } = card({ area: 'contacts_card', card: { id: '77' } });

  block.press('open');

  assert.deepEqual(asked(self).body, { contact: 77, lang: 'ru' });
});

test('a card that is not saved yet says so and asks nobody', () => {
  const { self, block } = card({ card: { id: 0 } });

  block.press('open');

  assert.equal(self.requests.length, 0);
  assert.match(block.content, /Сохраните карточку/);
});

for (const [area, current] of [['leads', false], ['companies_card', { id: 1 }], ['leads_card', false]]) {
  test(`in the area ${area} with ${JSON.stringify(current)} there is no block`, () => {
    const { results, self, page } = card({ area, card: current });

    assert.deepEqual(results, [true, true, true]);
    assert.equal(self.block, undefined);
    assert.deepEqual(page.body.children.map((child) => child.attributes.class), ['ywx-panel ywx-calls']);
  });
}

test('everything about the booking is shown from one answer', () => {
  const { self, block } = opened(CARD);

  assert.equal(self.requests.length, 1);
  [
    'Сделка ведётся по записи.', 'Подтверждена', '501', 'завтра, 22 ноября, 14:30', 'Тверская', 'Мастер: Мастер Первый',
    'Стрижка', '3 000 ₽', '1 000 ₽', 'Придёт раньше', 'Почему сделка здесь', 'Клиент подтвердил визит.',
    'сегодня в 09:12', 'Прошлые и отменённые: 1', '1 октября, 10:00',
  ].forEach((words) => assert.ok(block.content.includes(words), words));
  assert.match(block.content, /ywx-tag_good/);
  assert.match(block.content, /href="https:\/\/yclients\.com\/timetable\/1" target="_blank" rel="noopener noreferrer"/);
  assert.match(block.content, /href="\/leads\/detail\/900002"/);
});

test('a lead without a booking is told in a sentence, with nothing to press that would do nothing', () => {
  const { block } = opened(EMPTY);

  assert.match(block.content, /К этой сделке записей нет\./);
  assert.throws(() => block.press('recheck'), /no button/);
  assert.throws(() => block.press('enter'), /no button/);
});

test('every text of the answer is text, whatever stands in it', () => {
  const evil = '"><img src=x onerror=1>';
  const words = ['number', 'salon', 'when', 'master', 'status_text', 'total', 'paid', 'comment'];
  const booking = { ...BOOKING, ...Object.fromEntries(words.map((word) => [word, evil])), services: [{ title: evil, sum: evil }] };
  const { block } = opened({ ...CARD, sentence: evil, booking, others: [booking], why: { sentence: evil, when: evil } });

  assert.doesNotMatch(block.content, /<img/);
  // Eight words and a service of two in each booking, the sentence and the two words of why.
  assert.equal(block.content.split('&quot;&gt;&lt;img').length - 1, 23);
});

test('an address that is no page of the web, a tone and a number that are none are left out', () => {
  const booking = { ...BOOKING, journal_url: 'javascript:1', tone: 'x" onclick="1', lead_id: '1/../2' };
  const { block } = opened({ ...CARD, booking, others: [booking], panel_url: 'data:text/html,1' });

  assert.doesNotMatch(block.content, /javascript:|onclick|leads\/detail|data:text/);
  assert.match(block.content, /ywx-tag_quiet/);
  assert.throws(() => block.press('enter'), /no button/);
});

test('a server that is away leaves a sentence and a button that asks again', () => {
  const { self, block } = card();

  block.press('open');
  refuse(self, 503);
  const failed = block.content;
  block.press('again');
  answer(self, CARD);

  assert.match(failed, /Сервер Мостика не отвечает/);
  assert.match(failed, /help@mostik\.example\.com/);
  assert.match(block.content, /Клиент подтвердил визит/);
});

test('after a failure the caption asks again as well', () => {
  const { self, block, page } = card();

  block.press('open');
  refuse(self, 0);
  page.document.click('.ywx-caption');

  assert.equal(self.requests.length, 2);
});

test('a re-check asks once, says what was asked and takes a fresh look a moment later', () => {
  const { self, block, timers } = opened(CARD);

  block.press('recheck');
  const wish = asked(self);
  assert.throws(() => block.press('recheck'), /no button/);
  answer(self, { asked: 1, sentence: 'Запись проверяется.' });
  const meanwhile = block.content;
  timers.pass(4000);
  const look = asked(self);
  answer(self, { ...CARD, booking: { ...BOOKING, status_text: 'Клиент пришёл' } });

  assert.deepEqual(wish, { path: '/widget/recheck', method: 'POST', body: { leads: [900001], lang: 'ru' } });
  assert.match(meanwhile, /Запись проверяется\./);
  assert.equal(look.path, '/widget/card');
  assert.match(block.content, /Клиент пришёл[^]*Записи показаны заново\./);
});

test('the card of a lead has no link to itself', () => {
  const { block } = opened({ ...CARD, others: [{ ...OTHER, lead_id: 900001 }] });

  assert.doesNotMatch(block.content, /leads\/detail/);
});

test('a re-check of a contact names the contact', () => {
  const { self, block } = opened(CARD, { area: 'contacts_card', card: { id: 77 } });

  block.press('recheck');

  assert.deepEqual(asked(self).body, { contact: 77, lang: 'ru' });
});

test('past bookings stay unfolded while a re-check goes on', () => {
  const { block } = opened(CARD);
  const folded = block.content;

  block.find('.ywx-past').attr({ open: 'open' });
  block.press('recheck');

  assert.match(folded, /<details class="ywx-past">/);
  assert.match(block.content, /<details class="ywx-past" open>/);
});

test('a re-check that is refused keeps the booking on the screen and says why', () => {
  const { self, block } = opened(CARD);

  block.press('recheck');
  refuse(self, 429, 'Слишком часто. Подождите минуту.');

  assert.match(block.content, /Слишком часто\. Подождите минуту\./);
  assert.match(block.content, /Клиент подтвердил визит/);
  block.press('recheck');
  assert.equal(self.requests.length, 3);
});

test('the panel opens at the question why this lead', () => {
  const { self, block, tabs } = opened(CARD);

  block.press('enter');
  const wish = asked(self);
  answer(self, { url: 'https://mostik.example.com/admin/enter/x' });

  assert.deepEqual(wish.body, { to: 'why', q: '900001', framed: false, lang: 'ru' });
  assert.equal(tabs[0].url, 'https://mostik.example.com/admin/enter/x');
  assert.match(block.content, /Панель открыта в новой вкладке/);
});

test('a colleague who is no administrator is told so beside the booking', () => {
  const { self, block, tabs } = opened(CARD);

  block.press('enter');
  refuse(self, 403, 'Панель открывает только администратор.');

  assert.equal(tabs[0].isClosed, true);
  assert.match(block.content, /Панель открывает только администратор\./);
});

test('a card left while it was asking is not drawn, and another one asks for itself', () => {
  const stage = card();

  stage.block.press('open');
  const [late] = stage.self.requests;
  stage.callbacks.destroy();
  late.onDone(CARD);
  stage.enter();

  assert.equal(stage.page.body.size, 3);
  assert.doesNotMatch(stage.self.block.content, /Подтверждена/);
});

test('a fresh look that waits is forgotten when the card is left', () => {
  const { self, block, timers, callbacks } = opened(CARD);

  block.press('recheck');
  answer(self, { asked: 1, sentence: 'Запись проверяется.' });
  callbacks.destroy();

  assert.equal(timers.waiting.size, 0);
  assert.equal(self.requests.length, 2);
});

test('render called again without destroy leaves one block with one set of listeners', () => {
  const { enter, page } = card();
  const once = page.listeners;

  enter();

  assert.equal(page.listeners, once);
  assert.equal(page.body.children.length, 2);
});
