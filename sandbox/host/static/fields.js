// Inputs for the settings a manifest asks for: in the settings window and in a trigger's form.
define(['jquery', './page.js'], function ($, page) {
  'use strict';

  let count = 0;

  const input = (field, type, value) => {
    const isHidden = field.type === 'custom';
    return $('<input>', {
      id: 'host-field-' + (count += 1),
      type: isHidden ? 'hidden' : type,
      name: field.code,
      value: value || '',
      class: 'widget_settings_block__controls__ text-input',
      autocomplete: 'off',
    });
  };

  const ofUsers = (field, value) => {
    const saved = (() => {
      try {
        return JSON.parse(value || '{}');
      } catch (error) {
        return {};
      }
    })();
    return page.now.users.map((user) => {
      const $input = input({ ...field, code: field.code + '[' + user.id + ']' }, 'text', saved[user.id]);
      return $('<label class="host-field__user"></label>').text(user.name + ' ').append($input);
    });
  };

  const item = (field, value) => {
    const $title = $('<label>', { class: 'widget_settings_block__title_field', title: field.title }).text(field.title);
    const $place = $('<div class="widget_settings_block__input_field"></div>');
    if (field.type === 'users') {
      $place.append(ofUsers(field, value));
    } else {
      const $input = input(field, field.type === 'pass' ? 'password' : 'text', value);
      $title.attr('for', $input.attr('id'));
      $place.append($input);
    }
    const $item = $('<div class="widget_settings_block__item_field host-field"></div>');
    $item.attr({ 'data-field': field.code, 'data-type': field.type }).append($title, $place);
    return field.type === 'custom' ? $item.addClass('host-field_custom') : $item;
  };

  const valueOf = ($form, field) => {
    if (field.type !== 'users') {
      return $form.find('[name="' + field.code + '"]').val() || '';
    }
    const found = page.now.users
      .map((user) => [user.id, $form.find('[name="' + field.code + '[' + user.id + ']"]').val()])
      .filter(([, value]) => value);
    return found.length === 0 ? '' : JSON.stringify(Object.fromEntries(found));
  };

  return {
    draw: (fields, values) => fields.map((field) => item(field, values[field.code])),
    read: ($form, fields) => Object.fromEntries(fields.map((field) => [field.code, valueOf($form, field)])),
    // True when every required field is filled; the others are told beside themselves.
    check: ($form, fields, values) => {
      $form.find('.host-field__problem').remove();
      const empty = fields.filter((field) => field.required && !values[field.code]);
      empty.forEach((field) => {
        const $problem = $('<p class="host-field__problem"></p>').text(page.t('required'));
        $form.find('[data-field="' + field.code + '"]').append($problem);
      });
      return empty.length === 0;
    },
  };
});
