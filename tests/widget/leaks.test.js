'use strict';

// A day of work: every area opened and left a hundred times leaves the page as it was.

const assert = require('node:assert/strict');
const { test } = require('node:test');

const { answer, refuse, start } = require('./amd.js');

const CYCLES = 100;
const TICKET = { url: 'https://mostik.example.com/admin/enter/x' };
const CARD = { state: 'linked', sentence: 'Есть запись.', booking: { number: '1', services: [] }, others: [], panel_url: TICKET.url };

function inCard(area) {
  return {
    stage: { area, card: { id: 5 } },
    open: ({ enter, self }) => {
      enter();
      self.block.press('open');
    },
    drawn: ({ self }) => {
      answer(self, CARD);
      self.block.press('recheck');
      answer(self, { asked: 1, sentence: 'Проверяем.' });
    },
  };
}

const AREAS = {
  'the settings': {
    open: ({ callbacks, modal }) => callbacks.settings(modal),
    drawn: ({ self, block }) => {
      answer(self, { state: 'active' });
      block.children[0].press('enter');
      answer(self, TICKET);
    },
  },
  'the card of a lead': inCard('leads_card'),
  'the card of a contact': inCard('contacts_card'),
  'a booking being made': {
    stage: { area: 'leads_card', card: { id: 5 } },
    open: ({ enter, self }) => {
      enter();
      self.block.press('open');
    },
    drawn: ({ self }) => {
      answer(self, { ...CARD, can_create: true });
      self.block.press('create');
      answer(self, { salons: [{ id: 1, title: 'Тверская' }] });
      answer(self, { categories: [{ title: 'Лицо', services: [{ id: 9, title: 'Чистка' }] }] });
    },
  },
  'the list of leads': {
    stage: { selected: [{ id: 1, type: 'lead' }] },
    open: ({ callbacks }) => callbacks.leads.selected(),
    drawn: ({ self }) => answer(self, { asked: 1, sentence: 'Проверяем.' }),
  },
  'the page of settings': {
    prepare: ({ page }) => page.place({ id: 'work-area-code' }),
    open: ({ callbacks }) => callbacks.advancedSettings(),
    drawn: ({ self }) => answer(self, TICKET),
  },
  'the step of a pipeline': {
    prepare: ({ page }) => page.place({ 'data-action': 'send_widget_hook' }),
    open: ({ callbacks }) => callbacks.dpSettings(),
    drawn: () => {},
  },
};

// What may be left behind: listeners, nodes of the page and of the settings window, timers.
function left({ page, timers, modal }) {
  return { listeners: page.listeners, nodes: page.body.size + modal.size, timers: timers.waiting.size };
}

function prepared({ stage, prepare = () => {} }) {
  const made = start(stage);
  prepare(made);
  return made;
}

for (const [name, area] of Object.entries(AREAS)) {
  test(`${name}: a hundred visits leave nothing behind`, () => {
    const stage = prepared(area);
    const before = left(stage);
    let most = 0;

    for (let visit = 0; visit < CYCLES; visit += 1) {
      area.open(stage);
      area.drawn(stage);
      most = Math.max(most, left(stage).nodes);
      stage.callbacks.destroy();
    }

    assert.ok(most > before.nodes, 'something was shown');
    assert.deepEqual(left(stage), before);
    assert.equal(stage.page.head.children.length, 1);
  });

  test(`${name}: a hundred visits left before the answer leave nothing behind`, () => {
    const stage = prepared(area);
    const before = left(stage);

    for (let visit = 0; visit < CYCLES; visit += 1) {
      area.open(stage);
      stage.callbacks.destroy();
    }
    stage.self.requests.forEach((request) => request.onDone(CARD));

    assert.deepEqual(left(stage), before);
  });

  test(`${name}: a hundred visits while the server is away leave nothing behind`, () => {
    const stage = prepared(area);
    const before = left(stage);

    for (let visit = 0; visit < CYCLES; visit += 1) {
      const known = stage.self.requests.length;
      area.open(stage);
      stage.self.requests.slice(known).forEach(() => refuse(stage.self, 0));
      stage.callbacks.destroy();
    }

    assert.deepEqual(left(stage), before);
  });
}
