'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { start } = require('./amd.js');

const ANSWER = { state: 'active', salons: [{ title: 'Тверская', mode: 'observe' }], waiting: 3 };

test('render, bind_actions and init let amoCRM go on', () => {
  const { callbacks } = start();

  const answers = ['render', 'bind_actions', 'init'].map((name) => callbacks[name]());

  assert.deepEqual(answers, [true, true, true]);
});

test('nothing is asked of the server before the settings are opened', () => {
  const { callbacks, self } = start();

  callbacks.render();
  callbacks.bind_actions();
  callbacks.init();

  assert.equal(self.requests.length, 0);
});

test('saving is never held up', () => {
  const { callbacks } = start();

  assert.equal(callbacks.onSave({ active: 'N', fields: {} }), true);
});

test('settings ask the server by an authorized request and say so meanwhile', () => {
  const { callbacks, modal, block, self } = start();

  const answer = callbacks.settings(modal);

  const [request] = self.requests;
  assert.equal(answer, true);
  assert.equal(request.options.url, 'https://mostik.example.com/widget/state');
  assert.equal(request.options.method, 'GET');
  assert.equal(block.children[0].attributes.class, 'ywx-panel');
  assert.equal(block.children[0].content.state, 'loading');
});

test('settings show the state, the salons and the queue', () => {
  const { callbacks, modal, block, self } = start();

  callbacks.settings(modal);
  self.requests[0].onDone(ANSWER);

  const shown = block.children[0].content;
  assert.equal(shown.state, 'active');
  assert.equal(shown.title, 'Подключено: записи становятся сделками');
  assert.deepEqual(JSON.parse(JSON.stringify(shown.salons)), [{ title: 'Тверская', mode: 'наблюдает' }]);
  assert.equal(shown.waiting, 3);
  assert.equal(self.templates[0].href, '/templates/state.twig');
});

test('every state the server knows has words of its own', () => {
  const titles = ['new', 'active', 'paused', 'removed'].map((state) => {
    const { callbacks, modal, block, self } = start();
    callbacks.settings(modal);
    self.requests[0].onDone({ state, salons: [], waiting: 0 });
    return block.children[0].content.title;
  });

  assert.equal(new Set(titles).size, 4);
  assert.ok(!titles.includes('Состояние неизвестно'));
});

test('a state this version does not know is shown as unknown', () => {
  const { callbacks, modal, block, self } = start();

  callbacks.settings(modal);
  self.requests[0].onDone({ state: 'sleeping' });

  const shown = block.children[0].content;
  assert.equal(shown.state, 'unknown');
  assert.equal(shown.title, 'Состояние неизвестно');
  assert.equal(shown.salons.length, 0);
});

test('a server that does not answer is named, and the button asks again', () => {
  const { callbacks, modal, block, self } = start();

  callbacks.settings(modal);
  self.requests[0].onFail();
  const failed = block.children[0].content;
  block.children[0].click('.ywx-panel__again');
  self.requests[1].onDone(ANSWER);

  assert.equal(failed.state, 'failed');
  assert.equal(block.children[0].content.state, 'active');
});

test('destroy removes the panel and its listeners', () => {
  const { callbacks, modal, block } = start();

  callbacks.settings(modal);
  const panel = block.children[0];
  const answer = callbacks.destroy();

  assert.equal(answer, true);
  assert.equal(panel.listeners.length, 0);
  assert.equal(block.children.length, 0);
});

test('destroy without settings does no harm', () => {
  const { callbacks } = start();

  assert.equal(callbacks.destroy(), true);
});

test('an answer that comes after destroy draws nothing', () => {
  const { callbacks, modal, block, self } = start();

  callbacks.settings(modal);
  const panel = block.children[0];
  const before = panel.content;
  callbacks.destroy();
  self.requests[0].onDone(ANSWER);

  assert.equal(panel.content, before);
  assert.equal(self.templates.length, 1);
});

test('a template that loads after destroy draws nothing', () => {
  const late = [];
  const { callbacks, modal, block } = start({ render: (options) => late.push(options) });

  callbacks.settings(modal);
  const panel = block.children[0];
  callbacks.destroy();
  late[0].load({ render: (values) => values });

  assert.equal(panel.content, '');
});

test('settings opened twice show one panel, and the older answer does not replace the newer', () => {
  const { callbacks, modal, block, self } = start();

  callbacks.settings(modal);
  callbacks.settings(modal);
  self.requests[1].onDone(ANSWER);
  self.requests[0].onDone({ state: 'removed' });

  assert.equal(block.children.length, 1);
  assert.equal(block.children[0].content.state, 'active');
});

test('the style sheet is added once', () => {
  const { callbacks, modal, head } = start();

  callbacks.settings(modal);
  callbacks.destroy();
  callbacks.settings(modal);

  assert.equal(head.children.length, 1);
  assert.equal(head.children[0].attributes.href, '/widgets/code/css/widget.css?v=0.1.0');
});
