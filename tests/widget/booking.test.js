'use strict';

// Making and moving a booking in the card, a question at a time; what is done to one that is there.

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { answer, asked, refuse, start } = require('./amd.js');

const BOOKING = {
  key: 'yclients:1:501', number: '501', salon: 'Тверская', salon_id: 1, when: '22 ноября, 14:30', master: 'Вера', master_id: 81,
  status: 'waiting', status_text: 'Ожидание', tone: '', services: [], service_ids: [9, 10], lead_id: 5, can: ['move', 'cancel', 'confirm', 'arrive'],
};
const CARD = { state: 'linked', sentence: 'Есть запись.', booking: BOOKING, others: [], can_create: true, panel_url: '' };
const SALONS = { salons: [{ id: 1, title: 'Тверская' }, { id: 2, title: 'Урал' }], chosen: null };
const SERVICES = {
  categories: [
    { title: 'Эпиляция', services: [{ id: 9, title: 'Подмышки', price: '2 500 ₽', rubles: 2500, minutes: 30 }] },
    { title: 'Лицо', services: [{ id: 10, title: 'Чистка', price: '4 000 ₽', rubles: 4000, minutes: 60 }] },
  ],
};
const MASTERS = { masters: [{ id: 81, name: 'Вера', speciality: 'Лазер' }] };
const DAYS = { days: ['2026-11-30', '2026-12-01'] };
const TIMES = { times: ['10:00', '10:30'] };
// Keys of the first and of the second attempt, see getRandomValues() in amd.js.
const FORM = '01'.repeat(16);
const NEXT = '02'.repeat(16);
const MADE = { booking: { ...BOOKING, key: 'yclients:1:777', number: '777' }, sentence: 'Запись № 777 создана.' };

function card(values = {}, options = {}) {
  const stage = start({ area: 'leads_card', card: { id: 5 }, ...options });
  stage.enter();
  stage.block = stage.self.block;
  stage.block.press('open');
  answer(stage.self, { ...CARD, ...values });
  return stage;
}

// Answers the questions one after the other and stops before the one named.
function walked(until) {
  const stage = card();
  const { block, self } = stage;
  const tick = (id) => block.enter('service', { value: String(id), checked: true });
  const steps = [
    ['salon', () => block.press('create'), SALONS],
    ['services', () => block.press('pick', '1'), SERVICES],
    ['master', () => [tick(9), tick(10), block.press('enough')], MASTERS],
    ['day', () => block.press('pick', '81'), DAYS],
    ['time', () => block.press('pick', '2026-12-01'), TIMES],
    ['check', () => block.press('pick', '10:30'), null],
  ];
  const last = steps.findIndex(([name]) => name === until);
  steps.slice(0, last + 1).forEach(([, act, told]) => {
    act();
    if (told) {
      answer(self, told);
    }
  });
  return stage;
}

test('a booking is put together in six steps and made by one request', () => {
  const { self, block } = walked('check');
  const wishes = self.requests.slice(1).map(({ options }) => [options.url.replace(/.*\/book\//, ''), { ...options.data }]);

  block.enter('comment', { value: 'У окна' });
  block.press('send');

  assert.deepEqual(wishes, [
    ['salons', { lead: 5, lang: 'ru' }],
    ['services', { lead: 5, salon: 1, lang: 'ru' }],
    ['masters', { lead: 5, salon: 1, services: '9,10', lang: 'ru' }],
    ['days', { lead: 5, salon: 1, services: '9,10', master: 81, lang: 'ru' }],
    ['times', { lead: 5, salon: 1, services: '9,10', master: 81, day: '2026-12-01', lang: 'ru' }],
  ]);
  assert.deepEqual(asked(self), {
    path: '/widget/book',
    method: 'POST',
    body: {
      form: FORM, lead: 5, salon: 1, services: [9, 10], master: 81, at: '2026-12-01 10:30', comment: 'У окна', lang: 'ru',
    },
  });
});

test('the one that was made is shown at once, with what the server said', () => {
  const { self, block } = walked('check');
  const known = self.requests.length;

  block.press('send');
  answer(self, MADE);

  assert.match(block.content, /№ 777[^]*Запись № 777 создана\./);
  assert.match(block.content, /№ 501/);
  assert.equal(self.requests.length, known + 1);
});

test('the first booking of a card takes the place of the sentence that there are none', () => {
  const { self, block } = card({ booking: null, sentence: 'Записей нет.' });

  block.press('create');
  answer(self, SALONS);
  block.press('pick', '1');
  answer(self, SERVICES);
  block.enter('service', { value: '9', checked: true });
  block.press('enough');
  answer(self, MASTERS);
  block.press('pick', '81');
  answer(self, DAYS);
  block.press('pick', '2026-11-30');
  answer(self, TIMES);
  block.press('pick', '10:00');
  block.press('send');
  answer(self, MADE);

  assert.doesNotMatch(block.content, /Записей нет|Ещё записи впереди/);
  assert.match(block.content, /№ 777/);
});

test('months far ahead are folded', () => {
  const { self, block } = card();
  const days = [...Array(20).keys()].map((number) => `2026-12-${String(number + 1).padStart(2, '0')}`);

  block.press('move', BOOKING.key);
  answer(self, { days: [...days, '2027-01-04'] });

  assert.match(block.content, /<details class="ywx-months" open><summary[^>]*>декабрь 2026[^]*<details class="ywx-months"><summary[^>]*>январь 2027/);
});

test('a second click on the way makes no second request', () => {
  const { self, block } = walked('check');
  block.press('send');
  const known = self.requests.length;
  const heard = block.listeners.find((each) => each.selector.startsWith('[data-ywx="send"]'));

  heard.listener({ currentTarget: { getAttribute: () => '' } });

  assert.equal(self.requests.length, known);
});

test('a double click on a choice is one choice', () => {
  const { self, block } = walked('services');
  const { listener } = block.listeners.find((each) => each.selector.startsWith('[data-ywx="pick"]'));
  const again = block.listeners.find((each) => each.selector.startsWith('[data-ywx="enough"]')).listener;
  const event = { currentTarget: { getAttribute: () => '1' } };
  block.enter('service', { value: '9', checked: true });
  block.press('enough');
  const known = self.requests.length;

  again(event);
  listener(event);

  assert.equal(self.requests.length, known);
  answer(self, MASTERS);
  assert.match(block.content, /К какому мастеру/);
});

test('closing while a step is loading shows the card, whatever comes late', () => {
  const { self, block } = card();
  block.press('create');
  const [late] = self.requests.slice(-1);

  block.press('back');
  late.onDone(SALONS);

  assert.match(block.content, /№ 501/);
  assert.doesNotMatch(block.content, /В какой салон/);
});

test('nothing else can be pressed while it is on its way', () => {
  const { block } = walked('check');

  block.press('send');

  ['back', 'leave', 'send'].forEach((name) => assert.throws(() => block.press(name), /no button/));
  assert.doesNotMatch(block.content, /data-ywx="goto"/);
});

test('closing without an answer looks at the card anew', () => {
  const { self, block } = walked('check');
  block.press('send');
  refuse(self, 0);

  block.press('leave');
  const look = asked(self);
  answer(self, { ...CARD, others: [{ ...BOOKING, key: 'yclients:1:777', number: '777' }] });

  assert.equal(look.path, '/widget/card');
  assert.match(block.content, /№ 777/);
});

test('a double click on a deed is one deed', () => {
  const { self, block } = card();
  const { listener } = block.listeners.find((each) => each.selector.startsWith('[data-ywx="confirm"]'));
  block.press('confirm', BOOKING.key);
  const known = self.requests.length;

  listener({ currentTarget: { getAttribute: () => BOOKING.key } });

  assert.equal(self.requests.length, known);
});

test('without an answer the same key goes again and nothing else can be pressed', () => {
  const { self, block } = walked('check');
  block.press('send');
  const first = asked(self).body.form;

  refuse(self, 0);
  const meanwhile = block.content;
  block.press('send');

  assert.match(meanwhile, /не знаем, дошло ли/);
  assert.match(meanwhile, /Повторить/);
  assert.doesNotMatch(meanwhile, /data-ywx="(back|goto)"/);
  assert.equal(asked(self).body.form, first);
});

test('a taken time offers the nearest ones and the next attempt has another key', () => {
  const { self, block } = walked('check');
  block.press('send');

  self.requests.at(-1).onFail({
    status: 409,
    responseJSON: { code: 'booking.slot_taken', message: 'Это время уже занято.', nearest: ['2026-12-01 11:00', 'x'] },
  });
  const told = block.content;
  block.press('slot', '2026-12-01 11:00');
  block.press('send');

  assert.match(told, /Это время уже занято\./);
  assert.match(told, /data-value="2026-12-01 11:00"/);
  assert.equal(asked(self).body.at, '2026-12-01 11:00');
  assert.equal(asked(self).body.form, NEXT);
});

test('a missing right is said in words, and nothing that was chosen is lost', () => {
  const { self, block } = walked('check');

  block.press('send');
  refuse(self, 409, 'У пользователя YCLIENTS нет права создавать записи.');

  assert.match(block.content, /нет права создавать записи/);
  ['Тверская', 'Подмышки, Чистка', 'Вера'].forEach((words) => assert.ok(block.content.includes(words), words));
  block.press('send');
});

test('the only salon is not asked about, and one step back closes', () => {
  const { self, block } = card();

  block.press('create');
  answer(self, { salons: [{ id: 2, title: 'Урал' }], chosen: 2 });
  answer(self, SERVICES);
  const step = block.content;
  block.press('back');

  assert.match(step, /Какие услуги\?/);
  assert.match(step, /Шаг 1 из 5/);
  assert.match(block.content, /№ 501/);
});

test('the salon of the lead is taken first and can be changed', () => {
  const { self, block } = card();

  block.press('create');
  answer(self, { ...SALONS, chosen: 2 });
  answer(self, SERVICES);
  const trail = block.content;
  block.press('goto', 'salon');
  answer(self, { ...SALONS, chosen: 2 });

  assert.match(trail, /data-value="salon"[^>]*>Урал</);
  assert.match(block.content, /data-value="2" aria-pressed="true"/);
});

test('going back remembers, and another choice forgets what came after it', () => {
  const { self, block } = walked('check');

  block.press('goto', 'day');
  answer(self, DAYS);
  const back = block.content;
  block.press('pick', '2026-12-01');
  answer(self, TIMES);
  const same = block.content;
  block.press('back');
  answer(self, DAYS);
  block.press('pick', '2026-11-30');
  answer(self, TIMES);

  assert.match(back, /data-value="2026-12-01"[^>]*aria-pressed="true"/);
  assert.match(same, /data-value="10:30" aria-pressed="true"/);
  assert.doesNotMatch(block.content, /aria-pressed/);
});

test('without a service there is a sentence beside the button', () => {
  const { self, block } = walked('services');
  const known = self.requests.length;

  block.press('enough');

  assert.equal(block.find('.ywx-book__problem').attributes.text, 'Отметьте хотя бы одну услугу.');
  assert.equal(self.requests.length, known);
});

test('ticking adds up money and minutes', () => {
  const { block } = walked('services');

  block.enter('service', { value: '9', checked: true });
  block.enter('service', { value: '10', checked: true });
  block.enter('service', { value: '9', checked: false });

  assert.match(block.find('.ywx-book__total').attributes.text, /^4\s000 ₽, 1 ч$/);
});

for (const [step, empty] of [
  ['services', { categories: [] }],
  ['master', { masters: [] }],
  ['day', { days: [] }],
  ['time', { times: [] }],
]) {
  test(`nothing to choose from at the step ${step} is told`, () => {
    const { self, block } = walked(step);

    block.press('goto', step === 'services' ? 'salon' : 'services');
    answer(self, step === 'services' ? SALONS : SERVICES);
    block.press(step === 'services' ? 'pick' : 'enough', '2');
    const told = { services: [empty], master: [empty], day: [MASTERS, empty], time: [MASTERS, DAYS, empty] }[step];
    answer(self, told[0]);
    told.slice(1).forEach((next, number) => {
      block.press('pick', number === 0 ? '81' : '2026-11-30');
      answer(self, next);
    });

    assert.match(block.content, /class="ywx-quiet">[^<]{20,}</);
  });
}

test('a step that fails can be asked again', () => {
  const { self, block } = card();

  block.press('create');
  refuse(self, 503);
  const failed = block.content;
  block.press('reload');
  answer(self, SALONS);

  assert.match(failed, /Сервер Мостика не отвечает/);
  assert.match(block.content, /Тверская[^]*Урал/);
});

test('what comes from the salon is text, whatever stands in it', () => {
  const evil = '"><img src=x onerror=1>';
  const { self, block } = card();
  const seen = [];
  const look = () => seen.push(block.content);

  block.press('create');
  answer(self, { salons: [{ id: 1, title: evil }, { id: 2, title: evil }] });
  look();
  block.press('pick', '1');
  answer(self, { categories: [{ title: evil, services: [{ id: 9, title: evil, price: evil }] }] });
  look();
  block.enter('service', { value: '9', checked: true });
  block.press('enough');
  answer(self, { masters: [{ id: 81, name: evil, speciality: evil }] });
  look();
  block.press('pick', '81');
  answer(self, { days: [evil, '2026-12-01'] });
  look();
  block.press('pick', '2026-12-01');
  answer(self, { times: [evil, '10:00'] });
  look();
  block.press('pick', '10:00');
  look();

  seen.forEach((content) => assert.doesNotMatch(content, /<img/));
});

test('a booking is moved: the day first, the specialist can be changed', () => {
  const { self, block } = card();

  block.press('move', BOOKING.key);
  const first = asked(self);
  answer(self, DAYS);
  const step = block.content;
  block.press('pick', '2026-12-01');
  answer(self, TIMES);
  block.press('pick', '10:00');
  block.press('send');

  assert.deepEqual(first, {
    path: '/widget/book/days', method: 'GET', body: { lead: 5, salon: 1, master: 81, services: '9,10', lang: 'ru' },
  });
  assert.match(step, /data-value="master"[^>]*>Вера</);
  assert.deepEqual(asked(self), {
    path: '/widget/booking/move',
    method: 'POST',
    body: { form: FORM, lead: 5, key: BOOKING.key, master: 81, at: '2026-12-01 10:00', lang: 'ru' },
  });
});

test('a booking whose services are not known by number cannot be moved from here', () => {
  const { block } = card({ booking: { ...BOOKING, service_ids: [] } });

  assert.throws(() => block.press('move', BOOKING.key), /no button/);
});

for (const deed of ['confirm', 'arrive']) {
  test(`${deed} is done at once and shown`, () => {
    const { self, block } = card();

    block.press(deed, BOOKING.key);
    const wish = asked(self);
    answer(self, { booking: { ...BOOKING, status_text: 'Подтверждена', can: [] }, sentence: 'Готово.' });

    assert.deepEqual(wish, {
      path: `/widget/booking/${deed}`, method: 'POST', body: { form: FORM, lead: 5, key: BOOKING.key, lang: 'ru' },
    });
    assert.match(block.content, /Подтверждена[^]*Готово\./);
    assert.throws(() => block.press(deed, BOOKING.key), /no button/);
  });
}

test('a booking is cancelled only after a question', () => {
  const { self, block } = card();
  const known = self.requests.length;

  block.press('cancel', BOOKING.key);
  const question = block.content;
  block.press('keep');
  const kept = block.content;
  const before = self.requests.length;
  block.press('cancel', BOOKING.key);
  block.press('sure', BOOKING.key);

  assert.match(question, /Отменить эту запись\?/);
  assert.doesNotMatch(kept, /Отменить эту запись\?/);
  assert.equal(before, known);
  assert.equal(asked(self).path, '/widget/booking/cancel');
});

test('a lost lead with a booking to come asks, and leaving it asks nobody', () => {
  const question = { key: BOOKING.key, sentence: 'Сделка потеряна, а запись в силе. Отменить запись?' };
  const { self, block } = card({ question });
  const known = self.requests.length;
  const told = block.content;

  block.press('leave_it');

  assert.match(told, /Сделка потеряна, а запись в силе\. Отменить запись\?/);
  assert.doesNotMatch(block.content, /Сделка потеряна/);
  assert.equal(self.requests.length, known);
});

test('the question of a lost lead is not asked of a person who may not cancel', () => {
  const question = { key: BOOKING.key, sentence: 'Отменить запись?' };
  const { block } = card({ question, booking: { ...BOOKING, can: ['move'] } });

  assert.doesNotMatch(block.content, /Отменить запись\?/);
});

test('a deed without an answer is repeated with the same key', () => {
  const { self, block } = card();

  block.press('confirm', BOOKING.key);
  refuse(self, 504);
  const told = block.content;
  block.press('repeat');

  assert.match(told, /не знаем, дошло ли изменение/);
  assert.equal(asked(self).body.form, FORM);
});

test('a deed that is refused says why and cannot be repeated blindly', () => {
  const { self, block } = card();

  block.press('cancel', BOOKING.key);
  block.press('sure', BOOKING.key);
  refuse(self, 409, 'Нет права удалять оплаченные записи.');

  assert.match(block.content, /Нет права удалять оплаченные записи\./);
  assert.throws(() => block.press('repeat'), /no button/);
});

test('who may not book is told why', () => {
  const { block } = card({ can_create: false, denied: 'Записывать могут только администраторы.' });

  assert.match(block.content, /Записывать могут только администраторы\./);
  assert.throws(() => block.press('create'), /no button/);
});

test('on the card of a contact a booking is changed as the contact\'s', () => {
  const { self, block } = card({ booking: { ...BOOKING, lead_id: 77 } }, { area: 'contacts_card', card: { id: 3 } });

  assert.throws(() => block.press('create'), /no button/);
  block.press('confirm', BOOKING.key);

  assert.deepEqual(asked(self).body, { form: FORM, contact: 3, key: BOOKING.key, lang: 'ru' });
});

test('the rest of a long history is fetched when somebody wants it', () => {
  const old = { ...BOOKING, key: 'yclients:1:7', number: '7', is_past: true, can: [] };
  const { self, block } = card({ more: 30 });
  const before = block.content;

  block.press('all');
  const wish = asked(self);
  answer(self, { bookings: [BOOKING, old] });

  assert.match(before, /Показать остальные записи: 30/);
  assert.deepEqual(wish, { path: '/widget/person', method: 'GET', body: { lead: 5, lang: 'ru' } });
  assert.match(block.content, /<details class="ywx-past" open>[^]*№ 7</);
  assert.equal(block.content.split('№ 501').length, 2);
  assert.throws(() => block.press('all'), /no button/);
});

test('our server may say itself why there is no answer, and the key stays', () => {
  const { self, block } = card();

  block.press('confirm', BOOKING.key);
  refuse(self, 503, 'YCLIENTS не ответил. Нажмите ещё раз через полминуты.');
  const told = block.content;
  block.press('repeat');

  assert.match(told, /YCLIENTS не ответил\./);
  assert.equal(asked(self).body.form, FORM);
});

test('why unfolds into facts, candidates and changes', () => {
  const parts = [
    { title: 'Какие сделки подходили', lines: [{ text: 'Заявка', lead_id: 6, hint: 'та же услуга' }, { text: 'Своя', lead_id: 5 }] },
    { title: 'Что изменилось', lines: [{ label: 'Этап', before: 'Новая', text: 'Записан' }] },
  ];
  const { block } = card({ why: { sentence: 'Продолжена старая сделка.', when: '', parts } });

  assert.match(block.content, /<details class="ywx-facts">[^]*Какие сделки подходили[^]*href="\/leads\/detail\/6">Заявка<[^]*та же услуга/);
  assert.match(block.content, /Этап:[^]*<del[^>]*>Новая<\/del> → Записан/);
  assert.doesNotMatch(block.content, /detail\/5/);
});
