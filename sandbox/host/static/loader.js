// A loader of AMD modules: the vendor names amoCRM gives to widgets, './x.js' beside the asking module, nothing else.
(function () {
  'use strict';

  const own = document.currentScript;
  const vendor = (file) => new URL('vendor/' + file, own.src).href;
  const NAMES = {
    jquery: vendor('jquery-2.1.3.min.js'),
    underscore: vendor('underscore-1.9.1.min.js'),
    twigjs: vendor('twig-0.8.9.min.js'),
    'lib/components/base/modal': new URL('modal.js', own.src).href,
  };
  // jQuery and underscore leave a global behind; a widget has to ask for them.
  const LEFT = { jquery: ['$', 'jQuery'], underscore: ['_'] };
  const modules = new Map();
  const defined = new WeakMap();

  const define = function (...given) {
    const make = given.pop();
    const needs = Array.isArray(given[given.length - 1]) ? given.pop() : [];
    // A tool may bring a module with a name of its own from outside; nobody here asks for it.
    if (document.currentScript === null) {
      if (typeof given[0] === 'string') {
        return;
      }
      throw new Error('define() was called outside of a module of its own');
    }
    defined.set(document.currentScript, { needs, make });
  };
  define.amd = {};
  Object.defineProperty(window, 'define', { value: define });

  const addressOf = (name, from) => {
    if (NAMES[name] !== undefined) {
      return NAMES[name];
    }
    if (!/^\.\.?\//.test(name)) {
      throw new Error('amoCRM has no module "' + name + '"');
    }
    const found = new URL(name.endsWith('.js') ? name : name + '.js', from);
    found.search = new URL(from).search;
    return found.href;
  };

  const run = (address) =>
    new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = address;
      script.onload = () => {
        const found = defined.get(script);
        script.remove();
        if (found === undefined) {
          reject(new Error(address + ' defines no module'));
        } else {
          resolve(found);
        }
      };
      script.onerror = () => {
        script.remove();
        reject(new Error(address + ' cannot be loaded'));
      };
      document.head.appendChild(script);
    });

  const make = async (name, address) => {
    const found = await run(address);
    const parts = await Promise.all(found.needs.map((need) => load(need, address)));
    const value = typeof found.make === 'function' ? found.make(...parts) : found.make;
    (LEFT[name] || []).forEach((left) => delete window[left]);
    return value;
  };

  function load(name, from) {
    let address;
    try {
      address = addressOf(name, from);
    } catch (error) {
      return Promise.reject(error);
    }
    if (!modules.has(address)) {
      modules.set(address, make(name, address));
    }
    return modules.get(address);
  }

  const ask = (address) => load('./' + address.split('/').pop(), address);
  load(own.dataset.main, own.src).then((main) => main.start(ask));
}());
