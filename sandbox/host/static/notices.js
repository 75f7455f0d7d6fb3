// `APP.notifications` and `APP.sdk` as far as they are documented: what a widget says to a person, and whether one talks.
define([], function () {
  'use strict';

  const KINDS = ['call', 'error'];
  const LONGEST_MS = 15000;

  const place = () => document.getElementById('host-notices');

  const tell = (kind, header, text, link) => {
    const line = document.createElement('p');
    const head = document.createElement('strong');
    line.dataset.notice = kind;
    head.textContent = header;
    line.append(head, ' ', text);
    if (link) {
      const more = document.createElement('a');
      more.href = link;
      more.textContent = ' →';
      line.append(more);
    }
    place().append(line);
    setTimeout(() => line.remove(), LONGEST_MS);
  };

  const needed = (given, name) => {
    if (!given || typeof given[name] !== 'string' || given[name] === '') {
      throw new Error('a notice needs ' + name);
    }
    return given[name];
  };

  const notifications = Object.freeze({
    // Of the caller: who, how long, where to listen.
    add_call: (given) => tell('add_call', given.header || given.from || '', needed(given, 'text'), given.click_link || given.link),
    show_notification: (given) => {
      if (!KINDS.includes(given.type)) {
        throw new Error('a notice is of type ' + KINDS.join(' or '));
      }
      tell(given.type, needed(given.text, 'header'), needed(given.text, 'text'));
    },
    show_message: (given) => tell('message', needed(given, 'header'), needed(given, 'text')),
    show_message_error: (given) => tell('message_error', needed(given, 'header'), needed(given, 'text'), given.link),
    add_error: (given, heard = {}) => {
      tell('add_error', needed(given, 'header'), needed(given, 'text'), given.link);
      [heard.done, heard.always].filter(Boolean).forEach((told) => told());
    },
  });

  let isCalling = false;

  const sdk = Object.freeze({
    setCallingStatus: (is) => {
      isCalling = is === true;
      document.documentElement.toggleAttribute('data-calling', isCalling);
    },
    getCallingStatus: () => isCalling,
  });

  return { notifications, sdk };
});
