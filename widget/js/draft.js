define([], function () {
  'use strict';

  const ORDER = ['salon', 'services', 'master', 'day', 'time', 'check'];

  const numbers = (choice) => [].concat(choice || []).map((one) => one.id);
  const isSame = (one, other) => String(numbers(one)) === String(numbers(other));

  // What a booking is being put together from. `given` is known beforehand and is not asked about.
  return function (given) {
    const chosen = { ...given };
    let steps = ORDER.filter((step) => !(step in given));

    return {
      chosen,
      steps: () => steps,
      after: (step) => steps[steps.indexOf(step) + 1],
      before: (step) => steps[steps.indexOf(step) - 1] || '',

      // Another choice makes void what was chosen after it; the same one leaves it.
      choose: (step, choice) => {
        if (!isSame(chosen[step], choice)) {
          ORDER.slice(ORDER.indexOf(step) + 1).forEach((later) => delete chosen[later]);
        }
        chosen[step] = choice;
      },

      // Where there is nothing to choose from, nobody comes back to the step.
      skip: (step) => {
        steps = steps.filter((each) => each !== step);
      },

      query: () => ({
        ...(chosen.salon && { salon: chosen.salon.id }),
        ...(chosen.master && { master: chosen.master.id }),
        ...(chosen.services && { services: numbers(chosen.services).join(',') }),
        ...(chosen.day && { day: chosen.day.id }),
      }),
      at: () => chosen.day.id + ' ' + chosen.time.id,
    };
  };
});
