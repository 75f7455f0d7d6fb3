'use strict';

// The widget as amoCRM starts it: a loader of AMD modules, the documented methods, templates drawn by the same library.

const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');

const { Nodes, Page } = require('./page.js');
const { twig } = require('../../sandbox/host/static/vendor/twig-0.8.9.min.js');

const WIDGET = path.resolve(__dirname, '../../widget');
const SERVER = 'https://mostik.example.com';

function load(name, vendors, world) {
  const file = path.resolve(WIDGET, name);
  let result;
  const define = (needs, make) => {
    const folder = path.dirname(file);
    result = make(...needs.map((need) => vendors[need] || load(path.resolve(folder, need), vendors, world)));
  };
  // A context of its own: a module that leans on a global or makes one fails or shows it.
  const known = { define, ...world };
  const context = vm.createContext({ ...known });
  vm.runInContext(fs.readFileSync(file, 'utf8'), context, { filename: file });
  const globals = Object.keys(context).filter((key) => !(key in known));
  if (globals.length > 0) {
    throw new Error(name + ' makes globals: ' + globals.join(', '));
  }
  return result;
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

// Timers that go off when the test says so.
class Timers {
  constructor() {
    this.waiting = new Map();
    this.last = 0;
  }

  get world() {
    const setTimeout = (listener, milliseconds) => {
      this.last += 1;
      this.waiting.set(this.last, { listener, milliseconds });
      return this.last;
    };
    return { setTimeout, clearTimeout: (number) => this.waiting.delete(number) };
  }

  pass(milliseconds) {
    [...this.waiting].filter(([, each]) => each.milliseconds <= milliseconds).forEach(([number, each]) => {
      this.waiting.delete(number);
      each.listener();
    });
  }
}

class Tab {
  constructor() {
    Object.assign(this, { opener: 'amoCRM', isClosed: false, url: '' });
    this.location = { replace: (url) => Object.assign(this, { url }) };
  }

  close() {
    this.isClosed = true;
  }
}

// An open stream: the test is the server.
function streams(opened) {
  return class EventSource {
    constructor(url) {
      Object.assign(this, { url, isOpen: true });
      opened.push(this);
    }

    tell(message) {
      this.onmessage({ data: JSON.stringify(message) });
    }

    break() {
      this.onerror();
    }

    close() {
      this.isOpen = false;
    }
  };
}

// amoCRM's modal window as documented: `init` gets its body, closing calls `destroy`.
function modals(page) {
  return class Modal {
    constructor(options) {
      this.options = options;
      this.body = page.place({ class: options.class_name });
      options.init(this.body);
    }

    destroy() {
      this.body.remove();
      this.options.destroy();
    }
  };
}

function widget(page, language, overrides) {
  const texts = JSON.parse(fs.readFileSync(path.join(WIDGET, `i18n/${language}.json`), 'utf8'));
  return {
    params: { path: '/widgets/code', widget_code: 'code' },
    asked: [],
    drawn: [],
    selected: [],
    actions: {},
    add_action(kind, act) {
      this.actions[kind] = act;
    },
    get_version: () => '0.3.0',
    get_install_status: () => 'installed',
    i18n: (key) => texts[key],
    list_selected() {
      return { selected: this.selected };
    },
    $authorizedAjax(options) {
      const answer = Object.assign(new Deferred(), { options });
      this.asked.push(answer);
      return answer;
    },
    render(options) {
      const source = fs.readFileSync(path.join(WIDGET, options.href), 'utf8');
      this.drawn.push(options);
      options.load(twig({ data: source }));
    },
    render_template(block) {
      const [, classes] = /class="([^"]+)"/.exec(block.body);
      this.block = page.place({ class: classes });
    },
    ...overrides,
  };
}

// `area` and `card` are what amoCRM says about the page, `tabs` whether the browser allows new ones.
function start({ area = 'settings', card = false, tabs = true, language = 'ru', ...overrides } = {}) {
  const page = new Page();
  const timers = new Timers();
  const opened = [];
  let forms = 0;
  const sources = [];
  const notices = [];
  const window = {
    location: { assign: (url) => opened.push(url) },
    open: () => {
      const tab = tabs ? new Tab() : null;
      opened.push(tab);
      return tab;
    },
    crypto: {
      getRandomValues: (bytes) => {
        forms += 1;
        return bytes.fill(forms);
      },
    },
  };
  const calling = { is: false };
  const APP = {
    getWidgetsArea: () => area,
    data: { current_card: card },
    notifications: { show_notification: (notice) => notices.push(notice) },
    sdk: {
      setCallingStatus: (is) => {
        calling.is = is;
      },
    },
  };
  const self = widget(page, language, overrides);
  const vendors = { jquery: page.$, 'lib/components/base/modal': modals(page) };
  const EventSource = streams(sources);
  const world = { APP, EventSource, window, document: page.document, ...timers.world };
  const modal = new Nodes(page, {}, [new Nodes(page, { class: 'widget_settings_block' })]);
  load('script.js', vendors, world).call(self);
  // What the parts ask by themselves is not what a test of another part looks at.
  const isOwn = (request) => !request.options.url.endsWith('/widget/calls/ticket');
  self.seats = () => self.asked.filter((request) => !isOwn(request));
  Object.defineProperty(self, 'requests', { get: () => self.asked.filter(isOwn) });
  const enter = () => ['render', 'bind_actions', 'init'].map((name) => self.callbacks[name]());
  const block = modal.children[0];
  const told = { sources, notices, calling };
  return { page, timers, tabs: opened, self, callbacks: self.callbacks, modal, block, enter, ...told };
}

// What the newest request asked for.
function asked(self) {
  const { options } = self.requests.at(-1);
  const body = options.method === 'POST' ? JSON.parse(options.data) : options.data;
  return { path: options.url.replace(SERVER, ''), method: options.method, body: JSON.parse(JSON.stringify(body)) };
}

// The server's answer to the newest request.
function answer(self, values) {
  self.requests.at(-1).onDone(values);
}

function refuse(self, status, message) {
  self.requests.at(-1).onFail({ status, responseJSON: message ? { code: 'x', message } : undefined });
}

module.exports = { answer, asked, refuse, start };
