define(['./ui.js'], function (ui) {
  'use strict';

  return function (widget, backend) {
    // Signs the person in to the panel in a new tab. A browser allows one only while the click is being handled, so
    // it opens empty and gets its address later. `blocked(url)` is called when it was not allowed at all,
    // `fail(words)` when there is no way in.
    const open = (wish, done, blocked, fail) => {
      let tab = window.open('', '_blank');
      const isBlocked = !tab;
      const close = () => {
        if (tab) {
          tab.close();
          tab = null;
        }
      };
      const refuse = (words) => {
        close();
        fail(words);
      };
      const enter = (answer) => {
        const url = ui.link(answer.url);
        if (!url) {
          refuse('');
        } else if (isBlocked) {
          blocked(url);
        } else {
          tab.location.replace(url);
          tab = null;
          done();
        }
      };
      if (tab) {
        tab.opener = null;
      }
      const callOff = backend.signIn({ ...wish, framed: false }, enter, refuse);
      return () => {
        callOff();
        close();
      };
    };

    return { open };
  };
});
