// The page as amoCRM runs it: areas are entered and left without a reload, and widgets live through it.
define(['jquery', './page.js', './app.js', './stage.js', './column.js', './list.js', './settings.js', './pipeline.js'], function (
  $, page, app, stage, column, list, settings, pipeline,
) {
  'use strict';

  const ready = (is) => document.documentElement.toggleAttribute('data-host-ready', is);

  const enter = async () => {
    await stage.enterArea();
    if (page.now.area.location === 'llist') {
      list.draw();
    }
    if (page.now.area.location === 'advanced_settings') {
      stage.entered
        .filter((widget) => widget.told.code === page.now.code)
        .forEach((widget) => stage.call(widget, 'advancedSettings'));
    }
    ready(true);
  };

  // The parts that differ from page to page; head, scripts and widgets stay.
  const put = (html, address) => {
    const next = new DOMParser().parseFromString(html, 'text/html');
    $('#host-place').html(next.getElementById('host-place').innerHTML);
    $('#host-who [name="back"]').val(new URL(address).pathname);
    document.title = next.title;
    page.read();
  };

  const visit = async (address, isNew) => {
    ready(false);
    const answer = await fetch(address);
    const html = await answer.text();
    if (!html.includes('id="host-place"')) {
      window.location.assign(address);
      return;
    }
    stage.leaveArea();
    $('.modal').remove();
    $('.host-top, #host-place').prop('inert', false);
    if (isNew) {
      window.history.pushState(null, '', address);
    }
    put(html, address);
    await enter();
  };

  // A widget's link names a page of its account, and the account has a host of its own.
  const here = (address) => {
    const url = new URL(address);
    if (!url.pathname.startsWith(page.now.base + '/')) {
      url.pathname = page.now.base + url.pathname;
    }
    return url.href;
  };

  const again = () => visit(window.location.href, false);

  const listen = () => {
    $(document).on('click', 'a[data-go], a.js-navigate-link', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.which > 1) {
        return;
      }
      event.preventDefault();
      const address = event.currentTarget.href;
      visit(here(address), true)
        .then(() => {
          window.scrollTo(0, 0);
          document.getElementById('host-place').focus({ preventScroll: true });
        })
        .catch(() => window.location.assign(address));
    });
    $(window).on('popstate', () => again());
    $(document).on('click', '[data-open-widget]', (event) => settings.open(event.currentTarget.dataset.openWidget, again));
    $(document).on('click', '[data-add-trigger]', (event) => pipeline.add(Number(event.currentTarget.dataset.addTrigger), again));
    $(document).on('click', '[data-phone], [data-email]', (event) => {
      const { phone, email } = event.currentTarget.dataset;
      const contact = Number($(event.currentTarget).closest('[data-contact]').attr('data-contact'));
      if (stage.phone(phone ? 'phone' : 'email', phone || email, contact)) {
        event.preventDefault();
      }
    });
  };

  return {
    start: (ask) => {
      page.read();
      app.show();
      stage.use(ask);
      column.listen();
      list.listen();
      listen();
      return enter();
    },
  };
});
