define([], function () {
  'use strict';

  // The archive is built for one server: `make widget PUBLIC_URL=https://…` puts its address here, SUPPORT_EMAIL the other.
  return {
    server: 'https://mostik.example.com',
    support: 'help@mostik.example.com',
  };
});
