'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { answer, asked, refuse, start } = require('./amd.js');

const TICKET = { url: 'https://mostik.example.com/admin/enter/x' };
const LEADS = [{ id: 1, type: 'lead' }, { id: '2', type: 'lead' }];

function page(options) {
  const stage = start({ area: 'advanced-settings:code', ...options });
  stage.area = stage.page.place({ id: 'work-area-code' });
  stage.callbacks.advancedSettings();
  [stage.place] = stage.area.children;
  return stage;
}

function frames(place) {
  return place.within('.ywx-page__frame');
}

function list(selected = LEADS) {
  const stage = start({ area: 'leads', selected });
  stage.callbacks.leads.selected();
  stage.place = stage.page.body.children[0] && stage.page.body.children[0].children[0];
  return stage;
}

test('the panel is shown inside amoCRM by a ticket of its own', () => {
  const { self, place } = page();

  const wish = asked(self);
  answer(self, TICKET);

  const [frame] = frames(place);
  assert.deepEqual(wish, { path: '/widget/sign-in', method: 'POST', body: { framed: true, lang: 'ru' } });
  assert.equal(frame.attributes.src, TICKET.url);
  assert.equal(frame.attributes.title, 'Панель Мостика');
  assert.doesNotMatch(frame.attributes.sandbox, /top-navigation/);
});

test('the panel reaches from its place to the end of the window', () => {
  const { place } = page();

  assert.equal(place.attributes.height, 'calc(100vh - 113px)');
});

test('an older amoCRM gives another place for the page', () => {
  const { page: document, callbacks } = start();
  const holder = document.place({ id: 'list_page_holder' });

  callbacks.advancedSettings();

  assert.equal(holder.children.length, 1);
});

test('a server that is away is told on the page, and the button tries again', () => {
  const { self, place } = page();

  refuse(self, 0);
  const failed = place.content;
  place.press('again');
  answer(self, TICKET);

  assert.match(failed, /Сервер Мостика не отвечает/);
  assert.equal(frames(place).length, 1);
});

test('somebody who is no administrator reads why there is no panel', () => {
  const { self, place } = page();

  refuse(self, 403, 'Панель открывает только администратор.');

  assert.match(place.content, /Панель открывает только администратор\./);
  assert.equal(frames(place).length, 0);
});

test('an address that is no page of the web makes no frame', () => {
  const { self, place } = page();

  answer(self, { url: 'javascript:1' });

  assert.equal(frames(place).length, 0);
  assert.match(place.content, /не отвечает/);
});

test('the panel can be taken out of the frame into a tab, and the frame stays', () => {
  const { self, place, tabs } = page();
  answer(self, TICKET);

  place.press('enter');
  const wish = asked(self);
  answer(self, { url: 'https://mostik.example.com/admin/enter/y' });

  assert.deepEqual(wish.body, { framed: false, lang: 'ru' });
  assert.equal(tabs[0].url, 'https://mostik.example.com/admin/enter/y');
  assert.equal(frames(place).length, 1);
});

test('a browser that allows no tab is named beside the frame', () => {
  const { self, place } = page({ tabs: false });
  answer(self, TICKET);

  place.press('enter');
  answer(self, TICKET);

  assert.match(place.find('.ywx-page__note').attributes.text, /Разрешите всплывающие окна/);
});

test('all chosen leads are re-checked by one request', () => {
  const { self, place } = list();

  const wish = asked(self);
  answer(self, { asked: 2, sentence: 'Проверяем записи: 2.' });

  assert.equal(self.requests.length, 1);
  assert.deepEqual(wish, { path: '/widget/recheck', method: 'POST', body: { leads: [1, 2], lang: 'ru' } });
  assert.match(place.content, /Проверяем записи: 2\./);
});

test('nothing chosen and too many chosen are told without a request', () => {
  const many = Array.from({ length: 201 }, (_, index) => ({ id: index + 1, type: 'lead' }));

  const [none, tooMany] = [list([]), list(many)];

  assert.equal(none.self.requests.length + tooMany.self.requests.length, 0);
  assert.match(none.place.content, /Сделки не выбраны/);
  assert.match(tooMany.place.content, /не больше 200 сделок/);
});

test('a re-check of chosen leads that failed can be asked for again', () => {
  const { self, place } = list();

  refuse(self, 502);
  place.press('again');

  assert.equal(self.requests.length, 2);
  assert.deepEqual(asked(self).body.leads, [1, 2]);
});

test('the window closes by its button and leaves nothing', () => {
  const { self, place, page: document } = list();
  answer(self, { asked: 2, sentence: 'Готово.' });

  place.press('close');

  assert.equal(document.body.children.length, 0);
  assert.equal(document.listeners, 0);
});

test('the step of a pipeline says what it will do, and asks nobody', () => {
  const { page: document, callbacks, self } = start();
  const form = document.place({ 'data-action': 'send_widget_hook' });
  document.body.append(document.place({ class: 'digital-pipeline__short-task_widget-style_code' }));

  callbacks.dpSettings();

  assert.match(form.children[0].content, /Что сделает Мостик/);
  assert.equal(self.requests.length, 0);
});

test('a step whose form is not there does no harm', () => {
  const { callbacks } = start();

  assert.equal(callbacks.dpSettings(), true);
  assert.equal(callbacks.destroy(), true);
});

test('destroy before anything was shown does no harm', () => {
  const { callbacks } = start();

  assert.equal(callbacks.destroy(), true);
});
