// The system controls that `self.render({ref: '/tmpl/controls/NAME.twig'}, params)` draws.
define(['twigjs'], function (Twig) {
  'use strict';

  const OPTION = '<option value="{{ item.id|escape }}"{% if item.id == selected %} selected{% endif %}>{{ item.option|escape }}</option>';
  const COMMON =
    'id="{{ id|escape }}" name="{{ name|escape }}" class="{{ class_name|escape }}"{% if disabled %} disabled{% endif %}';
  const BUTTON = '<button type="button" ' + COMMON + '><span class="button-input-inner__text">{{ text|escape }}</span></button>';
  const CHECKS =
    '{% for item in items %}<label class="control-checkbox"><input type="checkbox" name="{{ item.name|escape }}" value="{{ item.id|escape }}"' +
    '{% if item.is_checked %} checked{% endif %}> {{ item.option|escape }}</label>{% endfor %}';
  const SOURCES = {
    input:
      '<input type="{{ type|default("text")|escape }}" ' + COMMON +
      ' value="{{ value|escape }}" placeholder="{{ placeholder|escape }}"{% if max_length %} maxlength="{{ max_length }}"{% endif %}>',
    textarea: '<textarea ' + COMMON + ' placeholder="{{ placeholder|escape }}">{{ value|escape }}</textarea>',
    select: '<select ' + COMMON + '>{% for item in items %}' + OPTION + '{% endfor %}</select>',
    multiselect: '<select multiple ' + COMMON + '>{% for item in items %}' + OPTION + '{% endfor %}</select>',
    suggest: '<input type="text" autocomplete="off" ' + COMMON + ' value="{{ value|escape }}">',
    date_field: '<input type="date" ' + COMMON + ' value="{{ value|escape }}">',
    file: '<input type="file" ' + COMMON + '>',
    checkbox:
      '<label class="control-checkbox"><input type="checkbox" ' + COMMON +
      ' value="{{ value|escape }}"{% if checked %} checked{% endif %}> {{ text|escape }}</label>',
    checkboxes_dropdown: CHECKS,
    radio:
      '{% for item in items %}<label class="control-radio"><input type="radio" name="{{ name|escape }}" value="{{ item.id|escape }}"' +
      '{% if item.id == selected %} checked{% endif %}> {{ item.option|escape }}</label>{% endfor %}',
    button: BUTTON,
    cancel_button: BUTTON,
    delete_button: BUTTON,
  };

  return {
    draw: (ref, params) => {
      const found = /^\/tmpl\/controls\/(\w+)\.twig$/.exec(ref);
      const source = found === null ? undefined : SOURCES[found[1]];
      if (source === undefined) {
        throw new Error('amoCRM has no control ' + ref);
      }
      return Twig.twig({ data: source }).render(params);
    },
  };
});
