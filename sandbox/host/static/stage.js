// The life of widgets: loaded once, called on entering an area, destroyed on leaving it.
define(['jquery', './page.js', './problems.js', './widget.js', './column.js'], function ($, page, problems, Widget, column) {
  'use strict';

  const alive = new Map();
  const entered = new Map();
  let ask;

  const globals = () => new Set(Object.getOwnPropertyNames(window));

  const loaded = async (told) => {
    const known = alive.get(told.code);
    if (known !== undefined && told.init_once && known.version === told.version) {
      return known;
    }
    const before = globals();
    const Constructor = await ask(new URL(told.path + '/script.js?v=' + told.version, window.location.href).href);
    const base = new Widget(told);
    const made = Constructor.call(base.self) || base.self;
    [...globals()].filter((name) => !before.has(name)).forEach((name) => problems.tell(told.code, 'global ' + name));
    if (typeof made.callbacks !== 'object') {
      throw new Error('script.js gives no callbacks');
    }
    const widget = { told, version: told.version, callbacks: made.callbacks, actions: base.actions, isBegun: false };
    alive.set(told.code, widget);
    return widget;
  };

  // The callback's answer, or undefined when there is none or it failed.
  const call = (widget, name, ...given) => {
    const path = name.split('.').reduce((found, step) => found && found[step], widget.callbacks);
    if (typeof path !== 'function') {
      return undefined;
    }
    try {
      return path(...given);
    } catch (error) {
      problems.tell(widget.told.code, name, error);
      return undefined;
    }
  };

  // Each of the three must return true, or the next ones do not run. With `init_once` a widget is drawn in every area
  // and initialised in the first.
  const begin = (widget) => {
    const isKnown = widget.told.init_once && widget.isBegun;
    for (const name of isKnown ? ['render'] : ['render', 'bind_actions', 'init']) {
      if (call(widget, name) !== true) {
        problems.tell(widget.told.code, name + ' did not return true');
        return false;
      }
    }
    widget.isBegun = true;
    return true;
  };

  const enter = async (told) => {
    try {
      const widget = await loaded(told);
      entered.set(told.code, widget);
      return begin(widget) ? widget : undefined;
    } catch (error) {
      problems.tell(told.code, 'script.js', error);
      return undefined;
    }
  };

  // One that is initialised once lives through all areas: it is destroyed when it is switched off.
  const leave = (code, isOff = false) => {
    const widget = entered.get(code);
    if (widget === undefined || (widget.told.init_once && !isOff)) {
      return;
    }
    entered.delete(code);
    if (isOff) {
      alive.delete(code);
    }
    call(widget, 'destroy');
  };

  const EVERYWHERE = ['lcard', 'ccard', 'comcard', 'llist', 'clist'];

  const fits = (told, location) => {
    if (told.locations.includes('everywhere') && (told.init_once || EVERYWHERE.includes(location))) {
      return true;
    }
    return location !== '' && told.locations.some((one) => one === location || one === location + '-0' || one === location + '-1');
  };

  return {
    use: (loader) => {
      ask = loader;
    },
    call,
    enter,
    leave,
    fits,
    get entered() {
      return [...entered.values()];
    },
    enterArea: async () => {
      const here = page.now.widgets.filter((told) => told.status !== 'install' && fits(told, page.now.area.location));
      const widgets = await Promise.all(here.map(enter));
      document.documentElement.dataset.area = page.now.area.name;
      $(document).trigger('page:changed');
      return widgets.filter(Boolean);
    },
    leaveArea: () => {
      [...entered.keys()].forEach(leave);
      column.clear();
      delete document.documentElement.dataset.area;
    },
    phone: (kind, value, contact) => {
      const widget = [...entered.values()].find((one) => one.actions[kind] !== undefined);
      if (widget === undefined) {
        return false;
      }
      widget.actions[kind]({ value, type: kind, contact_id: contact });
      return true;
    },
  };
});
