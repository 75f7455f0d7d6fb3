define([], function () {
  'use strict';

  const DAY_MS = 86400000;
  const ENOUGH = 14;
  const DAY = /^\d{4}-\d\d-\d\d$/;

  // Days are days of the salon's own calendar: they have no hour and no time zone here.
  const moment = (day) => new Date(day + 'T00:00:00Z');
  const spoken = (date, lang, how) => date.toLocaleDateString(lang, { ...how, timeZone: 'UTC' });
  const monday = (date) => new Date(date.getTime() - ((date.getUTCDay() + 6) % 7) * DAY_MS);

  const named = (day, lang) => spoken(moment(day), lang, { weekday: 'short', day: 'numeric', month: 'long' });

  // The weeks of a month, from the first free day to the last one; a place without a day is empty.
  const weeks = (days, lang) => {
    const month = days[0].slice(0, 7);
    const rows = [];
    for (let at = monday(moment(days[0])); at <= moment(days.at(-1)); at = new Date(at.getTime() + 7 * DAY_MS)) {
      const row = [0, 1, 2, 3, 4, 5, 6].map((number) => {
        const date = new Date(at.getTime() + number * DAY_MS);
        const id = date.toISOString().slice(0, 10);
        const isInside = id.slice(0, 7) === month;
        return { id, number: isInside ? date.getUTCDate() : '', is_free: days.includes(id), title: named(id, lang) };
      });
      rows.push(row);
    }
    return rows;
  };

  return {
    named,

    months: (answer, lang) => {
      const days = answer.filter((day) => DAY.test(day)).sort();
      const names = [...new Set(days.map((day) => day.slice(0, 7)))];
      // Two weeks are seen at once, the months after them unfold.
      return names.map((name) => ({
        title: spoken(moment(name + '-01'), lang, { month: 'long', year: 'numeric' }),
        is_open: days.filter((day) => day < name).length < ENOUGH,
        weeks: weeks(days.filter((day) => day.startsWith(name)), lang),
      }));
    },

    // The letters above the columns: the first of January 2024 was a Monday.
    weekdays: (lang) =>
      [1, 2, 3, 4, 5, 6, 7].map((day) => spoken(moment('2024-01-0' + day), lang, { weekday: 'short' })),
  };
});
