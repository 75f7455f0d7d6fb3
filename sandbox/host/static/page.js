// What the server told about the page that is shown: who looks, at what, and which widgets the account has.
define([], function () {
  'use strict';

  let told = {};
  let texts = {};

  const parsed = (id) => JSON.parse(document.getElementById(id).textContent);

  return {
    read: () => {
      told = parsed('host-page');
      texts = parsed('host-texts');
      return told;
    },
    get now() {
      return told;
    },
    t: (key, values = {}) =>
      Object.entries(values).reduce((text, [name, value]) => text.replace('{' + name + '}', value), texts[key]),
    widget: (code) => told.widgets.find((one) => one.code === code),
    post: async (path, body) => {
      const answer = await fetch(told.base + path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body || {}),
      });
      if (!answer.ok) {
        throw new Error(path + ' answered ' + answer.status);
      }
      return answer.json();
    },
  };
});
