define(['./js/api.js', './js/settings.js'], function (api, settings) {
  'use strict';

  return function () {
    const widget = this;
    const panel = settings(widget, api(widget));

    widget.callbacks = {
      render: () => true,
      init: () => true,
      bind_actions: () => true,
      settings: (modal) => panel.show(modal),
      onSave: () => true,
      destroy: () => panel.hide(),
    };

    return widget;
  };
});
