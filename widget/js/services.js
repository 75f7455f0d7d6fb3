define(['jquery'], function ($) {
  'use strict';

  const plain = (words) => words.toLowerCase().replaceAll('ё', 'е').trim();
  const fits = (title, words) => plain(words).split(/\s+/).every((word) => plain(title).includes(word));

  const length = (minutes, texts) => {
    const parts = [[Math.floor(minutes / 60), texts.hours], [minutes % 60, texts.minutes]];
    return parts.filter(([number]) => number > 0).map(([number, unit]) => number + ' ' + unit).join(' ');
  };
  const lines = (category) => category.services || [];

  return {
    fits,

    all: (answer) => answer.categories.flatMap(lines),

    groups: (answer, mark) =>
      answer.categories
        .map((category) => ({ title: category.title, services: lines(category).map(mark) }))
        .filter((category) => category.services.length > 0),

    toggled: (chosen, line, isOn) => {
      const others = chosen.filter((each) => each.id !== line.id);
      return isOn ? [...others, line] : others;
    },

    // How much and how long, when the salon says so of every line; sums are written as everywhere in the card.
    total: (chosen, texts) => {
      if (!chosen || chosen.length === 0 || !chosen.every((line) => Number(line.rubles) >= 0)) {
        return '';
      }
      const sum = (name) => chosen.reduce((all, line) => all + (Number(line[name]) || 0), 0);
      return [sum('rubles').toLocaleString('ru') + ' ₽', length(sum('minutes'), texts)].filter(Boolean).join(', ');
    },

    // What does not fit is hidden where it stands: a redrawn list would lose the field that is being typed into.
    filter: (place, words) => {
      place.find('.ywx-check').each((_, row) => {
        $(row).prop('hidden', !fits($(row).text(), words));
      });
      place.find('.ywx-checks').each((_, group) => {
        $(group).prop('hidden', $(group).find('.ywx-check:not([hidden])').length === 0);
      });
    },
  };
});
