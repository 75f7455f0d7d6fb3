define([
  './js/api.js',
  './js/calls.js',
  './js/door.js',
  './js/card.js',
  './js/list.js',
  './js/page.js',
  './js/pipeline.js',
  './js/settings.js',
], function (api, calls, door, card, list, page, pipeline, settings) {
  'use strict';

  return function () {
    const widget = this;
    const backend = api(widget);
    const way = door(widget, backend);
    const block = card(widget, backend, way);
    const leads = list(widget, backend);
    const panel = page(widget, backend, way);
    const trigger = pipeline(widget);
    const state = settings(widget, backend, way);
    const phone = calls(widget, backend);
    // amoCRM initialises this widget once and draws it in every area: what belongs to an area is begun by drawing.
    const leave = () => [leads, panel, trigger, state].every((part) => part.hide());
    const enter = () => leave() && block.draw() && block.bind() && phone.start();

    widget.callbacks = {
      render: enter,
      bind_actions: () => true,
      init: () => {
        widget.add_action('phone', phone.dial);
        return true;
      },
      settings: (modal) => state.show(modal),
      advancedSettings: () => panel.show(),
      dpSettings: () => trigger.show(),
      leads: { selected: () => leads.recheck() },
      onSave: () => true,
      destroy: () => leave() && block.hide() && phone.hide(),
    };

    return widget;
  };
});
