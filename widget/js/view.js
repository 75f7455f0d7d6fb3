define(['./ui.js'], function (ui) {
  'use strict';

  const EVENTS = '.ywx';
  const nothing = () => {};

  // One place on the page: what is drawn in it, what it waits for, and how all of that goes away again.
  return function (widget, place) {
    let isOpen = true;
    let drawings = 0;
    let callOff = nothing;
    let wanted = '';

    // A redrawn button keeps the focus of the keyboard; while it is away, the place itself holds it.
    const focused = () => {
      if (place.is(':focus')) {
        return wanted;
      }
      return place.find(':focus').attr('data-ywx') || '';
    };
    const refocus = (name) => {
      const button = place.find('[data-ywx="' + name + '"]');
      wanted = name;
      (button.length > 0 ? button : place).first().focus();
    };

    const view = {
      place,

      // A button that waits stays focusable, so it says so by aria-disabled and is not heard meanwhile.
      on: (name, listener) =>
        place.on('click' + EVENTS, '[data-ywx="' + name + '"]:not([aria-disabled])', (event) =>
          listener(event.currentTarget.getAttribute('data-value') || ''),
        ),

      // What is typed into a field, or ticked.
      hear: (name, listener) =>
        place.on('input' + EVENTS, '[data-ywx="' + name + '"]', (event) => listener(event.currentTarget)),

      focus: refocus,

      // Whether changes are read out by themselves; where the focus goes along they are not.
      listen: (how) => place.attr({ 'aria-live': how }),

      // A template that loads after a newer one was asked for, or after the end, draws nothing.
      draw: (template, values, then) => {
        drawings += 1;
        const own = drawings;
        ui.draw(widget, template, values, (html) => {
          if (isOpen && own === drawings) {
            const name = focused();
            place.html(html);
            if (name !== '') {
              refocus(name);
            }
            (then || nothing)();
          }
        });
      },

      // One thing at a time: `begin` starts it and returns what calls it off.
      wait: (begin) => {
        callOff();
        callOff = begin();
      },

      pause: (milliseconds, then) =>
        view.wait(() => {
          const timer = setTimeout(then, milliseconds);
          return () => clearTimeout(timer);
        }),

      close: () => {
        isOpen = false;
        callOff();
        place.off(EVENTS).remove();
      },
    };

    view.listen('polite');
    place.attr({ tabindex: '-1' });
    return view;
  };
});
