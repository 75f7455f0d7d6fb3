define(['jquery', './address.js'], function ($, address) {
  'use strict';

  const STYLE_ID = 'ywx-style';

  return {
    // Several windows may open during one visit; the style sheet is needed once.
    addStyle: (widget) => {
      if ($('#' + STYLE_ID).length === 0) {
        const href = widget.params.path + '/css/widget.css?v=' + widget.get_version();
        $('head').append($('<link>', { id: STYLE_ID, rel: 'stylesheet', href }));
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

    // An address that came in an answer: a page of the web, or nothing.
    link: (url) => (/^https?:\/\//.test(url) ? url : ''),

    // What to say when something did not work: every such sentence comes with the people who help.
    trouble: (widget, words) => {
      const texts = widget.i18n('trouble');
      return { is_bad: true, note: words || texts.away, trouble: texts, support: address.support };
    },
  };
});
