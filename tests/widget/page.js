'use strict';

// A page just big enough for the widget: the few jQuery operations it uses, with everything counted that could be left
// behind. Nodes are found by class, by id and by attribute; what a template drew is kept as text and searched as text.

class Nodes {
  constructor(page, attributes = {}, children = []) {
    Object.assign(this, { page, attributes: { ...attributes }, children, listeners: [], up: null, content: '' });
  }

  get length() {
    return 1;
  }

  matches(selector) {
    const [, kind, name] = /^([.#]?)(.+)$/.exec(selector);
    const { attributes } = this;
    const byAttribute = /^\[([\w-]+)="?([^"\]]+)"?\]$/.exec(selector);
    if (byAttribute) {
      return attributes[byAttribute[1]] === byAttribute[2];
    }
    return kind === '#' ? attributes.id === name : (attributes.class || '').split(' ').includes(name);
  }

  within(selector) {
    return this.children.flatMap((child) => [...(child.matches(selector) ? [child] : []), ...child.within(selector)]);
  }

  find(selector) {
    if (selector === ':focus') {
      const { focus } = this.page;
      return focus && focus.up === this ? focus : this.page.none();
    }
    const [found] = this.within(selector);
    return found || this.drawn(selector);
  }

  // A piece of what a template drew: it becomes a node when somebody asks for it.
  drawn(selector) {
    const byName = /^\[data-ywx="(.+)"\]$/.exec(selector);
    const isThere = byName
      ? this.content.includes(`data-ywx="${byName[1]}"`)
      : new RegExp(`class="[^"]*\\b${selector.slice(1)}[ "]`).test(this.content);
    if (!isThere) {
      return this.page.none();
    }
    const attributes = byName ? { 'data-ywx': byName[1] } : { class: selector.slice(1) };
    return this.append(new Nodes(this.page, attributes)).children.at(-1);
  }

  first() {
    return this;
  }

  parent() {
    return this.up || this.page.none();
  }

  is() {
    return this.page.focus === this;
  }

  focus() {
    this.page.focus = this;
    return this;
  }

  attr(names) {
    if (typeof names === 'string') {
      return this.attributes[names];
    }
    Object.assign(this.attributes, names);
    return this;
  }

  css(name, value) {
    this.attributes[name] = value;
    return this;
  }

  offset() {
    return { top: this.page.top };
  }

  text(words) {
    this.attributes.text = words;
    return this;
  }

  html(content) {
    if (this.children.includes(this.page.focus)) {
      this.page.focus = null;
    }
    this.children = [];
    this.content = typeof content === 'string' ? content : '';
    return typeof content === 'string' ? this : this.append(content);
  }

  append(child) {
    child.up = this;
    this.children.push(child);
    return this;
  }

  prepend(child) {
    return this.append(child);
  }

  remove() {
    if (this.up) {
      this.up.children = this.up.children.filter((child) => child !== this);
    }
    return this;
  }

  on(events, selector, listener) {
    this.listeners.push({ events, selector, listener });
    this.page.listeners += 1;
    return this;
  }

  off(events) {
    const kept = this.listeners.filter((each) => !each.events.endsWith(events));
    this.page.listeners -= this.listeners.length - kept.length;
    this.listeners = kept;
    return this;
  }

  trigger() {
    return this;
  }

  // How many nodes hang below this one.
  get size() {
    return this.children.reduce((sum, child) => sum + 1 + child.size, 0);
  }

  // A click on what a template or the widget itself drew. A button that is not there, or is switched off, is not heard.
  press(name, value = '') {
    const isBusy = new RegExp(`data-ywx="${name}"[^>]* aria-disabled`).test(this.content);
    const button = isBusy ? this.page.none() : this.find(`[data-ywx="${name}"]`);
    const heard = this.listeners.filter((each) => each.events === 'click.ywx' && each.selector.startsWith(`[data-ywx="${name}"]`));
    if (button.length === 0 || heard.length === 0) {
      throw new Error(`there is no button ${name}`);
    }
    button.focus();
    heard.forEach((each) => each.listener({ currentTarget: { getAttribute: () => value } }));
  }

  // Typing into a field, or ticking a box: `field` is what the listener may read of it.
  enter(name, field) {
    if (this.find(`[data-ywx="${name}"]`).length === 0) {
      throw new Error(`there is no field ${name}`);
    }
    this.listeners
      .filter((each) => each.events === 'input.ywx' && each.selector === `[data-ywx="${name}"]`)
      .forEach((each) => each.listener({ currentTarget: field }));
  }

  click(selector) {
    this.listeners.filter((each) => each.selector === selector).forEach((each) => each.listener());
  }
}

class Page {
  constructor() {
    this.listeners = 0;
    this.top = 113.4;
    this.focus = null;
    this.document = new Nodes(this);
    this.head = new Nodes(this);
    this.body = new Nodes(this);
    this.$ = (what, attributes) => this.jquery(what, attributes);
  }

  // What jQuery gives for no match.
  none() {
    const none = new Nodes(this);
    Object.defineProperty(none, 'length', { value: 0 });
    return none;
  }

  jquery(what, attributes) {
    if (what === this.document) {
      return this.document;
    }
    if (what === 'head' || what === 'body') {
      return this[what];
    }
    if (what.startsWith('<')) {
      return new Nodes(this, { tag: what, ...attributes });
    }
    const [found] = [...this.head.within(what), ...this.body.within(what)];
    return found || this.none();
  }

  // A block that amoCRM made and that ours is put into.
  place(attributes) {
    const place = new Nodes(this, attributes);
    this.body.append(place);
    return place;
  }
}

module.exports = { Nodes, Page };
