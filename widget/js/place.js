define([], function () {
  'use strict';

  const CARDS = { leads_card: 'lead', contacts_card: 'contact', companies_card: 'company' };

  return {
    // The card on the screen, or null. A card that is not saved yet has the number 0.
    card: () => {
      const kind = CARDS[APP.getWidgetsArea()];
      const card = APP.data.current_card;
      return kind && card ? { kind, id: Number(card.id) || 0 } : null;
    },
  };
});
