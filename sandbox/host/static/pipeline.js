// The digital pipeline: a widget's trigger is put on a stage with the form that its manifest describes.
define(['jquery', 'lib/components/base/modal', './page.js', './stage.js', './fields.js'], function (
  $, Modal, page, stage, fields,
) {
  'use strict';

  const t = (key) => page.t(key);

  const kinds = () => {
    const $select = $('<select name="kind" id="host-kind"></select>');
    [...page.now.kinds].reverse().forEach((kind) => $('<option>', { value: kind, text: t('kind_' + kind) }).appendTo($select));
    return $('<p class="host-field"></p>').append($('<label for="host-kind"></label>').text(t('when')), $select);
  };

  // The nesting is amoCRM's: two levels up from the widget's block stands what holds the form.
  const form = (told) => {
    const $task = $('<div>', { class: 'digital-pipeline__short-task digital-pipeline__short-task_widget-style_' + told.code });
    $task.append($('<h2></h2>').text(told.dp.title));
    const $fields = $('<div class="widget_settings_block"></div>').append(fields.draw(told.dp.fields, {}));
    const $save = $('<button>', { type: 'submit', class: 'host-main', 'data-save-trigger': '', text: t('save') });
    const $form = $('<form class="digital-pipeline__form" data-action="send_widget_hook" novalidate></form>');
    $form.append(kinds(), $fields, '<p class="host-told" role="status"></p>', $save);
    const $head = $('<div class="digital-pipeline__edit-process-container"></div>').append($task);
    return $('<div class="digital-pipeline__edit-forms"></div>').append($head, $form);
  };

  const choice = ($body, able, choose) => {
    const $list = $('<div class="host-choice"></div>').append($('<h2></h2>').text(t('choose_widget')));
    able.forEach((told) => {
      const $logo = $('<img width="174" height="109" alt="">').attr('src', told.path + '/images/logo_dp.png');
      const $button = $('<button>', { type: 'button', 'data-trigger-widget': told.code }).append($logo, $('<span></span>').text(told.dp.title));
      $button.on('click', () => choose(told)).appendTo($list);
    });
    if (able.length === 0) {
      $('<p class="host-muted"></p>').text(t('no_dp')).appendTo($list);
    }
    $body.empty().append($('<button>', { type: 'button', class: 'modal-body__close', 'aria-label': t('close'), text: '×' }), $list);
    $body.trigger('modal:loaded').trigger('modal:centrify');
  };

  const edit = ($body, told, stageId, done) => {
    const $edit = form(told);
    const $form = $edit.find('form');
    $body.find('.host-choice').replaceWith($edit);
    $form.on('submit', (event) => {
      event.preventDefault();
      const settings = fields.read($form, told.dp.fields);
      if (!fields.check($form, told.dp.fields, settings)) {
        return;
      }
      const place = { pipeline_id: $('[data-pipeline]').data('pipeline'), stage_id: stageId };
      const asked = { ...place, code: told.code, kind: $form.find('[name=kind]').val(), settings };
      page.post('/ajax/triggers', asked).then(done, () => $form.find('.host-told').text(t('save_failed')));
    });
    const widget = stage.entered.find((one) => one.told.code === told.code);
    if (widget !== undefined) {
      stage.call(widget, 'dpSettings');
    }
    $form.attr('data-ready', '');
  };

  return {
    add: (stageId, afterwards) => {
      const modal = new Modal({
        class_name: 'digital-pipeline__modal',
        init: ($body) => {
          const able = page.now.widgets.filter((told) => told.dp !== null && told.status !== 'install');
          choice($body, able, (told) =>
            edit($body, told, stageId, () => {
              modal.destroy();
              afterwards();
            }),
          );
        },
      });
    },
  };
});
