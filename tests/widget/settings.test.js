'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { answer, asked, refuse, start } = require('./amd.js');

const STATE = { state: 'active', salons: [{ title: 'Тверская', mode: 'observe' }], waiting: 3, sentence: 'Всё идёт.' };

function opened(options) {
  const stage = start(options);
  stage.result = stage.callbacks.settings(stage.modal);
  stage.panel = stage.block.children[0];
  return stage;
}

test('render, bind_actions and init let amoCRM go on', () => {
  const { enter } = start();

  assert.deepEqual(enter(), [true, true, true]);
});

test('nothing is asked of the server before the settings are opened', () => {
  const { enter, self } = start();

  enter();

  assert.equal(self.requests.length, 0);
});

test('saving is never held up', () => {
  const { callbacks } = start();

  assert.equal(callbacks.onSave({ active: 'N', fields: {} }), true);
});

test('settings ask the server by an authorized request and say so meanwhile', () => {
  const { result, self, panel } = opened();

  assert.equal(result, true);
  assert.deepEqual(asked(self), { path: '/widget/state', method: 'GET', body: { lang: 'ru' } });
  assert.match(panel.content, /Узнаём состояние/);
});

test('the server is asked in the language of the widget', () => {
  const { self } = opened({ language: 'en' });

  assert.equal(asked(self).body.lang, 'en');
});

test('settings show the state, the salons, the queue and what the server says about it', () => {
  const { self, panel } = opened();

  answer(self, STATE);

  assert.match(panel.content, /Подключено: записи становятся сделками/);
  assert.match(panel.content, /Тверская[^]*наблюдает/);
  assert.match(panel.content, /Событий в очереди: 3/);
  assert.match(panel.content, /Всё идёт\./);
});

test('a title of a salon is text, whatever stands in it', () => {
  const { self, panel } = opened();

  answer(self, { ...STATE, salons: [{ title: '<img src=x>"', mode: 'active' }], sentence: '<b>' });

  assert.match(panel.content, /&lt;img src=x&gt;&quot;/);
  assert.doesNotMatch(panel.content, /<img|<b>/);
});

for (const [state, title] of [
  ['new', 'Установлено'],
  ['active', 'Подключено'],
  ['paused', 'Приостановлено'],
  ['removed', 'Не подключено'],
  ['sleeping', 'Состояние неизвестно'],
]) {
  test(`the state ${state} has words of its own`, () => {
    const { self, panel } = opened();

    answer(self, { state });

    assert.ok(panel.content.includes(title));
  });
}

test('before the installation the settings tell the steps and ask nobody', () => {
  const { self, panel, callbacks } = opened({ get_install_status: () => 'install' });

  assert.equal(self.requests.length, 0);
  assert.match(panel.content, /Как подключить салоны/);
  assert.equal(callbacks.destroy(), true);
});

test('a server that does not answer is named with the people who help, and the button asks again', () => {
  const { self, panel } = opened();

  refuse(self, 0);
  const failed = panel.content;
  panel.press('again');
  answer(self, STATE);

  assert.match(failed, /Сервер Мостика не отвечает/);
  assert.match(failed, /mailto:help@mostik\.example\.com/);
  assert.match(panel.content, /Подключено/);
});

test('a server in trouble has its own page of words, and it is not shown', () => {
  const { self, panel } = opened();

  refuse(self, 502, 'Bad gateway of somebody');

  assert.doesNotMatch(panel.content, /Bad gateway/);
  assert.match(panel.content, /не отвечает/);
});

test('a refusal is told in the words of the server', () => {
  const { self, panel } = opened();

  refuse(self, 403, 'Аккаунт <не> подключён.');

  assert.match(panel.content, /Аккаунт &lt;не&gt; подключён\./);
});

test('silence of amoCRM itself ends with the same sentence, and a late answer changes nothing', () => {
  const { self, panel, timers } = opened();

  timers.pass(15000);
  const failed = panel.content;
  answer(self, STATE);

  assert.match(failed, /не отвечает/);
  assert.equal(panel.content, failed);
});

test('the panel opens in a tab that is opened by the click itself', () => {
  const { self, panel, tabs } = opened();
  answer(self, STATE);

  panel.press('enter');
  const tabsAtOnce = tabs.length;
  const wish = asked(self);
  answer(self, { url: 'https://mostik.example.com/admin/enter/x' });

  assert.equal(tabsAtOnce, 1);
  assert.deepEqual(wish, { path: '/widget/sign-in', method: 'POST', body: { framed: false, lang: 'ru' } });
  assert.equal(tabs[0].url, 'https://mostik.example.com/admin/enter/x');
  assert.equal(tabs[0].opener, null);
  assert.match(panel.content, /Панель открыта в новой вкладке/);
});

test('the panel stays open when the settings are closed', () => {
  const { self, panel, tabs, callbacks } = opened();
  answer(self, STATE);

  panel.press('enter');
  answer(self, { url: 'https://mostik.example.com/admin/enter/x' });
  callbacks.destroy();

  assert.equal(tabs[0].isClosed, false);
});

test('an empty tab does not stay behind when the settings are closed meanwhile', () => {
  const { self, panel, tabs, callbacks } = opened();
  answer(self, STATE);

  panel.press('enter');
  callbacks.destroy();

  assert.equal(tabs[0].isClosed, true);
});

test('somebody who may not enter is told why, and the empty tab is closed', () => {
  const { self, panel, tabs } = opened();
  answer(self, STATE);

  panel.press('enter');
  refuse(self, 403, 'Панель открывает только администратор.');

  assert.equal(tabs[0].isClosed, true);
  assert.match(panel.content, /Панель открывает только администратор\./);
  assert.match(panel.content, /Подключено/);
});

test('a browser that allows no tab gets a link instead', () => {
  const { self, panel } = opened({ tabs: false });
  answer(self, STATE);

  panel.press('enter');
  answer(self, { url: 'https://mostik.example.com/admin/enter/x' });

  assert.match(panel.content, /href="https:\/\/mostik\.example\.com\/admin\/enter\/x"/);
});

test('an address that is no page of the web is not followed', () => {
  const { self, panel, tabs } = opened();
  answer(self, STATE);

  panel.press('enter');
  answer(self, { url: 'javascript:void(0)' });

  assert.equal(tabs[0].url, '');
  assert.equal(tabs[0].isClosed, true);
  assert.match(panel.content, /не отвечает/);
});

test('while the panel is being opened its button is not heard', () => {
  const { self, panel } = opened();
  answer(self, STATE);

  panel.press('enter');

  assert.throws(() => panel.press('enter'), /no button enter/);
});

test('the keyboard stays where it was when the panel is drawn anew', () => {
  const { self, panel, page } = opened();
  answer(self, STATE);

  panel.press('again');
  const meanwhile = page.focus;
  answer(self, STATE);

  assert.equal(meanwhile, panel);
  assert.equal(page.focus.attributes['data-ywx'], 'again');
});

test('destroy removes the panel and its listeners, and what comes later draws nothing', () => {
  const { callbacks, block, panel, page, self } = opened();
  const before = panel.content;

  assert.equal(callbacks.destroy(), true);
  answer(self, STATE);

  assert.equal(page.listeners, 0);
  assert.equal(block.children.length, 0);
  assert.equal(panel.content, before);
});

test('a template that loads after destroy draws nothing', () => {
  const late = [];
  const { callbacks, panel } = opened({ render: (options) => late.push(options) });

  callbacks.destroy();
  late[0].load({ render: () => 'late' });

  assert.equal(panel.content, '');
});

test('a template that loads after a newer one draws nothing', () => {
  const late = [];
  const { panel, self } = opened({ render: (options) => late.push(options) });

  answer(self, STATE);
  late[1].load({ render: () => 'newer' });
  late[0].load({ render: () => 'older' });

  assert.equal(panel.content, 'newer');
});

test('settings opened twice show one panel, and the older answer does not replace the newer', () => {
  const { callbacks, modal, block, self } = opened();

  callbacks.settings(modal);
  self.requests[1].onDone(STATE);
  self.requests[0].onDone({ state: 'removed' });

  assert.equal(block.children.length, 1);
  assert.match(block.children[0].content, /Подключено/);
});

test('the style sheet is added once', () => {
  const { callbacks, modal, page } = opened();

  callbacks.destroy();
  callbacks.settings(modal);

  assert.equal(page.head.children.length, 1);
  assert.equal(page.head.children[0].attributes.href, '/widgets/code/css/widget.css?v=0.3.0');
});
