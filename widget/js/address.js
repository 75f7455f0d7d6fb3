define([], function () {
  'use strict';

  // The archive is built for one server: `make widget PUBLIC_URL=https://…` puts its address here.
  return 'https://mostik.example.com';
});
