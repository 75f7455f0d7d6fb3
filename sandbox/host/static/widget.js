// What a widget finds in `this`: the documented methods, and nothing else.
define(['jquery', 'twigjs', './page.js', './controls.js', './column.js', './problems.js'], function (
  $, Twig, page, controls, column, problems,
) {
  'use strict';

  const template = (source) => Twig.twig({ data: source });

  const fetched = async (source) => {
    const answer = await fetch(source.base_path + source.href + (source.v ? '?v=' + encodeURIComponent(source.v) : ''));
    if (!answer.ok) {
      throw new Error(source.href + ' answered ' + answer.status);
    }
    return template(await answer.text());
  };

  // A one-time token for each request, minted by the account's own server for the person who looks.
  // jQuery's own answer has three values; a promise of the language would keep one of them.
  const ajax = (code, options) => {
    const answer = $.Deferred();
    page.post('/ajax/widgets/' + code + '/token').then(
      ({ token }) => {
        $.ajax({ ...options, headers: { ...options.headers, 'X-Auth-Token': token } })
          .done((...got) => answer.resolve(...got))
          .fail((...got) => answer.reject(...got));
      },
      () => answer.reject({ status: 0, readyState: 0 }, 'error', ''),
    );
    return answer.promise();
  };

  const chosen = () => {
    const ids = [...document.querySelectorAll('#host-list [name="lead"]:checked')].map((box) => Number(box.value));
    const selected = (page.now.list || []).filter((row) => ids.includes(row.id));
    const total = (name) => selected.reduce((sum, row) => sum + row[name].length, 0);
    return {
      selected: selected.map((row) => ({ ...row })),
      summary: { items: selected.length, emails: total('emails'), phones: total('phones') },
      count_selected: selected.length,
    };
  };

  const overlay = (isOn) => {
    $('.host-overlay').remove();
    if (isOn) {
      $('<div class="host-overlay" role="status"></div>').appendTo(document.body);
    }
  };

  return function Widget(told) {
    const self = this;
    const added = {};
    const actions = {};
    let status;

    const now = () => page.widget(told.code) || told;

    self.langs = told.langs;
    self.params = { path: told.path, widget_code: told.code, oauth_client_uuid: told.client_uuid };
    self.get_settings = () => ({
      ...now().settings,
      ...added,
      widget_code: told.code,
      path: told.path,
      version: told.version,
      active: now().status === 'install' ? 'N' : 'Y',
      oauth_client_uuid: told.client_uuid,
    });
    self.set_settings = (values) => Object.assign(added, values);
    self.get_version = () => told.version;
    self.get_install_status = () => status || now().status;
    self.set_status = (value) => {
      status = value;
      $('[data-widget="' + told.code + '"]').attr('data-widget-status', value);
    };
    self.system = () => ({
      area: page.now.area.location || 'settings',
      amouser_id: page.now.user.id,
      amouser: 'user' + page.now.user.id + '@example.test',
      amohash: '',
    });
    self.i18n = (name) => self.langs[name];
    self.set_lang = (langs) => Object.assign(self.langs, langs);
    self.render = (source, params) => {
      if (source.data !== undefined) {
        return template(source.data).render(params);
      }
      if (source.ref !== undefined) {
        return controls.draw(source.ref, params);
      }
      const answer = fetched(source);
      if (source.promised) {
        return answer;
      }
      answer.then(source.load).catch((error) => problems.tell(told.code, 'render', error));
      return '';
    };
    self.render_template = (block, params) => column.add(told, block, params || {}, template);
    self.$authorizedAjax = (options) => ajax(told.code, options);
    self.list_selected = chosen;
    self.widgetsOverlay = overlay;
    self.add_action = (kind, act) => {
      actions[kind] = act;
    };
    self.get_accounts_current = () => $.ajax({ url: page.now.base + '/ajax/account', dataType: 'json' });
    self.get_current_card_contacts_data = () =>
      Promise.resolve((page.now.contacts || []).map((contact) => ({ ...contact })));

    // For the page, not for the widget.
    return { self, actions };
  };
});
