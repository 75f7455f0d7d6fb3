define([
  './js/api.js',
  './js/door.js',
  './js/card.js',
  './js/list.js',
  './js/page.js',
  './js/pipeline.js',
  './js/settings.js',
], function (api, door, card, list, page, pipeline, settings) {
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

    widget.callbacks = {
      render: () => block.draw(),
      bind_actions: () => block.bind(),
      init: () => true,
      settings: (modal) => state.show(modal),
      advancedSettings: () => panel.show(),
      dpSettings: () => trigger.show(),
      leads: { selected: () => leads.recheck() },
      onSave: () => true,
      destroy: () => [block, leads, panel, trigger, state].map((part) => part.hide()).every(Boolean),
    };

    return widget;
  };
});
