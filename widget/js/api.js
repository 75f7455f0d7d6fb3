define(['./address.js'], function (address) {
  'use strict';

  const PATIENCE_MS = 10000;

  return function (widget) {
    // amoCRM adds a one-time token that tells our server which account and person ask.
    const get = (path) =>
      widget.$authorizedAjax({
        url: address + path,
        method: 'GET',
        dataType: 'json',
        timeout: PATIENCE_MS,
      });

    return {
      state: () => get('/widget/state'),
    };
  };
});
