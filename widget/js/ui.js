define(['jquery'], function ($) {
  'use strict';

  const STYLE_ID = 'ywx-style';

  return {
    // Several windows may open during one visit; the style sheet is needed once.
    addStyle: (path, version) => {
      if ($('#' + STYLE_ID).length === 0) {
        $('head').append($('<link>', { id: STYLE_ID, rel: 'stylesheet', href: path + '/css/widget.css?v=' + version }));
      }
    },

    draw: (widget, template, values, done) =>
      widget.render(
        {
          href: '/templates/' + template + '.twig',
          base_path: widget.params.path,
          v: widget.get_version(),
          load: (twig) => done(twig.render(values)),
        },
        {},
      ),
  };
});
