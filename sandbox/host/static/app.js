// `APP` and its old name `AMOCRM`: the documented part, closed against writing.
define(['./page.js', './notices.js'], function (page, notices) {
  'use strict';

  const byId = (rows, shape) => Object.fromEntries(rows.map((row) => [row.id, shape(row)]));

  const constants = {
    user: () => ({ id: page.now.user.id, name: page.now.user.name, login: 'user' + page.now.user.id }),
    user_rights: () => ({ is_admin: page.now.user.is_admin }),
    account: () => ({ ...page.now.account, language: page.now.lang, current_user: page.now.user.id }),
    managers: () => byId(page.now.users, (user) => ({ id: user.id, title: user.name, active: true })),
    groups: () => ({ group_0: '' }),
    task_types: () => ({ 1: { id: 1, option: page.now.lang === 'ru' ? 'Связаться' : 'Follow-up' } }),
  };

  const card = () => {
    const found = page.now.card;
    if (found === undefined) {
      return false;
    }
    const attributes = Object.freeze({ ID: found.id, NAME: found.name });
    const model = Object.freeze({ id: found.id, attributes, get: (name) => attributes[name] });
    return Object.freeze({ id: found.id, model });
  };

  const data = Object.freeze({
    get current_card() {
      return card();
    },
    get current_list() {
      return page.now.list === undefined ? false : Object.freeze({ entity: page.now.area.entity });
    },
    get current_entity() {
      return page.now.area.entity;
    },
  });

  const APP = Object.freeze({
    data,
    notifications: notices.notifications,
    sdk: notices.sdk,
    get lang_id() {
      return page.now.lang;
    },
    getBaseEntity: () => page.now.area.entity,
    isCard: () => page.now.card !== undefined,
    getWidgetsArea: () => page.now.area.name,
    constant: (name) => (constants[name] === undefined ? undefined : constants[name]()),
  });

  return {
    show: () => {
      Object.defineProperty(window, 'APP', { value: APP });
      Object.defineProperty(window, 'AMOCRM', { value: APP });
    },
  };
});
