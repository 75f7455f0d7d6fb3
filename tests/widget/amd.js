'use strict';

// A loader of AMD modules and a page just big enough for the widget: what amoCRM gives it, nothing more.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const WIDGET = path.resolve(__dirname, '../../widget');

function load(name, vendors) {
  const file = path.resolve(WIDGET, name);
  let result;
  const define = (needs, make) => {
    const folder = path.dirname(file);
    result = make(...needs.map((need) => vendors[need] || load(path.resolve(folder, need), vendors)));
  };
  // A context of its own: a module that leans on a global or makes one fails or shows it.
  const context = vm.createContext({ define });
  vm.runInContext(fs.readFileSync(file, 'utf8'), context, { filename: file });
  const globals = Object.keys(context).filter((key) => key !== 'define');
  if (globals.length > 0) {
    throw new Error(name + ' makes globals: ' + globals.join(', '));
  }
  return result;
}

// The few jQuery operations the widget uses, on plain objects.
class Nodes {
  constructor(tag, attributes = {}) {
    Object.assign(this, { tag, attributes, children: [], listeners: [], parent: null, content: '' });
  }

  get length() {
    return 1;
  }

  on(event, selector, listener) {
    this.listeners.push({ event, selector, listener });
    return this;
  }

  off(suffix) {
    this.listeners = this.listeners.filter(({ event }) => !event.endsWith(suffix));
    return this;
  }

  html(content) {
    this.content = content;
    return this;
  }

  append(child) {
    child.parent = this;
    this.children.push(child);
    return this;
  }

  prepend(child) {
    return this.append(child);
  }

  remove() {
    this.parent.children = this.parent.children.filter((child) => child !== this);
    return this;
  }

  find(selector) {
    return this.blocks[selector];
  }

  click(selector) {
    this.listeners.filter((each) => each.event === 'click.ywx' && each.selector === selector).forEach((each) => each.listener());
  }
}

function page() {
  const head = new Nodes('head');
  const block = new Nodes('div');
  const modal = new Nodes('modal');
  modal.blocks = { '.widget_settings_block': block };
  const $ = (what, attributes) => {
    if (what === 'head') {
      return head;
    }
    if (what.startsWith('#')) {
      return head.children.filter((child) => '#' + child.attributes.id === what);
    }
    return new Nodes(what, attributes);
  };
  return { $, head, modal, block };
}

// A request whose answer the test decides on.
class Deferred {
  done(listener) {
    this.onDone = listener;
    return this;
  }

  fail(listener) {
    this.onFail = listener;
    return this;
  }
}

function widget(overrides = {}) {
  const texts = JSON.parse(fs.readFileSync(path.join(WIDGET, 'i18n/ru.json'), 'utf8'));
  return {
    params: { path: '/widgets/code' },
    requests: [],
    templates: [],
    get_version: () => '0.1.0',
    i18n: (key) => texts[key],
    $authorizedAjax(options) {
      const answer = Object.assign(new Deferred(), { options });
      this.requests.push(answer);
      return answer;
    },
    render(options) {
      this.templates.push(options);
      options.load({ render: (values) => values });
    },
    ...overrides,
  };
}

function start(overrides) {
  const shown = page();
  const self = widget(overrides);
  load('script.js', { jquery: shown.$ }).call(self);
  return { ...shown, self, callbacks: self.callbacks };
}

module.exports = { start };
