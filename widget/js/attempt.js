define([], function () {
  'use strict';

  // Something asked of the server that must happen once. A second click while the first is on its way does nothing.
  // Until there is a word of how it ended, asking again carries the same key, and the server does it once.
  return function (view) {
    let form = '';
    let isSent = false;

    // Pages that are not on https have no randomUUID().
    const made = () =>
      [...window.crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

    return {
      get isSent() {
        return isSent;
      },

      get isUnknown() {
        return form !== '' && !isSent;
      },

      send: (post, done, fail) => {
        if (isSent) {
          return;
        }
        isSent = true;
        form = form || made();
        const end = (isKnown) => {
          isSent = false;
          form = isKnown ? '' : form;
        };
        view.wait(() =>
          post(
            form,
            (answer) => {
              end(true);
              done(answer);
            },
            (words, refusal) => {
              end(Boolean(refusal));
              fail(words, refusal || {});
            },
          ),
        );
      },
    };
  };
});
