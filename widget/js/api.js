define(['./address.js'], function (address) {
  'use strict';

  const PATIENCE_MS = 10000;
  // amoCRM makes the token before our request begins, and that may hang as well.
  const LIMIT_MS = 15000;

  // Refused for good (4xx): nothing was done, and nothing will be.
  const isFinal = (request) => request.status >= 400 && request.status < 500;
  // A refusal has words for the person, and so has «come back later» (503). A server in trouble, somebody else's in
  // its place, or none at all has nothing to say.
  const told = (request) => {
    const answer = request && (isFinal(request) || request.status === 503) && request.responseJSON;
    return answer && typeof answer.message === 'string' ? answer : null;
  };

  return function (widget) {
    const language = () => widget.i18n('language').code;

    // amoCRM adds a one-time token that tells our server which account and person ask. Exactly one of `done(answer)`
    // and `fail(words, refusal)` is called, unless what is returned here has called the request off. Without a
    // `refusal` nobody knows what became of the request.
    const ask = (options, done, fail) => {
      let isOpen = true;
      const end = (listener, ...values) => {
        if (isOpen) {
          isOpen = false;
          clearTimeout(timer);
          listener(...values);
        }
      };
      const timer = setTimeout(() => end(fail, '', null), LIMIT_MS);

      widget
        .$authorizedAjax({ dataType: 'json', timeout: PATIENCE_MS, ...options, url: address.server + options.url })
        .done((answer) => end(done, answer || {}))
        .fail((request) => {
          const answer = told(request);
          end(fail, answer ? answer.message : '', answer && isFinal(request) ? answer : null);
        });
      return () => {
        isOpen = false;
        clearTimeout(timer);
      };
    };
    const get = (path, query, done, fail) =>
      ask({ url: path, method: 'GET', data: { ...query, lang: language() } }, done, fail);
    const post = (path, body, done, fail) =>
      ask(
        {
          url: path,
          method: 'POST',
          contentType: 'application/json',
          data: JSON.stringify({ ...body, lang: language() }),
        },
        done,
        fail,
      );

    return {
      state: (done, fail) => get('/widget/state', {}, done, fail),
      card: (card, done, fail) => get('/widget/card', card, done, fail),
      person: (card, done, fail) => get('/widget/person', card, done, fail),
      signIn: (wish, done, fail) => post('/widget/sign-in', wish, done, fail),
      recheck: (what, done, fail) => post('/widget/recheck', what, done, fail),
      slots: (what, query, done, fail) => get('/widget/book/' + what, query, done, fail),
      book: (wish, done, fail) => post('/widget/book', wish, done, fail),
      seat: (done, fail) => post('/widget/calls/ticket', {}, done, fail),
      dial: (wish, done, fail) => post('/widget/calls/dial', wish, done, fail),
      act: (deed, wish, done, fail) => post('/widget/booking/' + deed, wish, done, fail),
    };
  };
});
