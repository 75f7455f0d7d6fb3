'use strict';

// A form that came back with a complaint is shown where the complaint is, not where the page was left.
document.addEventListener('htmx:afterSettle', () => {
  const field = document.querySelector('main [aria-invalid="true"]');
  const complaint = document.querySelector('main .complaint, main [role="alert"]');
  if (field) {
    field.focus({ preventScroll: true });
  }
  if (field || complaint) {
    (field || complaint).scrollIntoView({ block: 'center' });
  }
});
