// The window of an integration: description with the tour, its settings, installing, saving and switching off.
define(['jquery', 'lib/components/base/modal', './page.js', './stage.js', './fields.js'], function (
  $, Modal, page, stage, fields,
) {
  'use strict';

  const t = (key, values) => page.t(key, values);
  const button = (key, classes, type = 'button') => $('<button>', { type, class: classes, text: t(key) });

  // Attributes one by one: jQuery takes `width` and `height` among the properties of a new element for styles.
  const picture = (src) => $('<img class="widget-settings__tour" alt="">').attr({ src, width: 1188, height: 616 });

  const description = (told) => {
    const $pane = $('<section class="widget-settings__descr" data-pane="description"></section>');
    told.tour.images.forEach((src) => picture(src).appendTo($pane));
    if (told.tour.text) {
      $('<p class="host-muted"></p>').text(told.tour.text).appendTo($pane);
    }
    // A manifest's description may hold markup.
    $('<div class="widget-settings__text"></div>').html(told.description).appendTo($pane);
    if (told.support.link) {
      $('<p></p>').append($('<a>', { href: told.support.link, text: told.support.link, rel: 'noopener', target: '_blank' })).appendTo($pane);
    }
    return $pane;
  };

  const settingsPane = (told) => {
    const $pane = $('<section data-pane="settings"><div class="widget_settings_block"></div></section>');
    const $fields = $('<div class="widget_settings_block__fields" id="widget_settings__fields_wrapper"></div>');
    $pane.find('.widget_settings_block').append($fields.append(fields.draw(told.fields, told.settings)));
    return $pane;
  };

  const footer = (told) => {
    const $footer = $('<div class="widget-settings__footer"></div>');
    if (told.status === 'install') {
      const $box = $('<input type="checkbox" id="host-consent">');
      const $consent = $('<label class="host-consent"></label>').append($box, ' ', document.createTextNode(t('consent')));
      $('<small></small>').text(t('consent_hint')).appendTo($consent);
      const $install = button('install_button', 'host-main js-widget-install', 'submit').prop('disabled', true);
      $box.on('change', () => $install.prop('disabled', !$box.prop('checked')));
      return $footer.append($consent, $install);
    }
    $footer.append(button('save', 'host-main js-widget-save', 'submit'), button('disable', 'js-widget-uninstall'));
    if (told.locations.includes('advanced_settings')) {
      const href = page.now.base + '/widgetsSettings/' + told.code + '/';
      $('<a>', { href, text: t('advanced_link'), 'data-go': '', 'data-advanced-link': told.code }).appendTo($footer);
    }
    return $footer;
  };

  const show = ($body, name) => {
    $body.find('[data-pane]').each((_, pane) => $(pane).prop('hidden', pane.dataset.pane !== name));
    $body.find('[data-tab]').each((_, tab) => $(tab).attr('aria-pressed', String(tab.dataset.tab === name)));
  };

  const draw = ($body, told) => {
    const $head = $('<div class="widget-settings__head"></div>');
    $('<h2></h2>').text(told.name).appendTo($head);
    $('<button>', { type: 'button', class: 'modal-body__close', 'aria-label': t('close'), text: '×' }).appendTo($head);
    const $tabs = $('<div class="host-tabs" role="group"></div>');
    ['settings', 'description'].forEach((name) => $('<button>', { type: 'button', 'data-tab': name, text: t('tab_' + name) }).appendTo($tabs));
    const $form = $('<form class="widget-settings" novalidate></form>');
    $form.append(settingsPane(told), description(told), $('<p class="host-told" role="status"></p>'), footer(told));
    $body.empty().append($head, $tabs, $form).attr('data-widget-window', told.code).attr('data-status', told.status);
    $body.trigger('modal:loaded').trigger('modal:centrify');
    show($body, told.status === 'install' ? 'description' : 'settings');
  };

  const agreed = async (widget, data) => {
    const answer = stage.call(widget, 'onSave', data);
    return answer && typeof answer.then === 'function' ? answer.then(() => true, () => false) : answer === true;
  };

  const outcome = (answer) => {
    if (!answer.installed) {
      return t('saved');
    }
    return t('done_install') + '. ' + (answer.answered ? t('server_answered', { status: answer.answered }) : t('server_silent'));
  };

  // One opened window: `told` is the widget as the server sees it, `widget` its running script.
  const opened = ($body, told, widget, modal) => {
    const say = (text) => $body.find('.host-told').text(text);

    const redraw = (text) => {
      draw($body, told);
      say(text);
      stage.call(widget, 'settings', $body, {});
    };

    const save = async () => {
      const $form = $body.find('form');
      const values = fields.read($form, told.fields);
      if (!fields.check($form, told.fields, values)) {
        show($body, 'settings');
        return;
      }
      if (!(await agreed(widget, { active: 'Y', code: told.code, fields: values }))) {
        say(t('refused'));
        return;
      }
      const answer = await page.post('/ajax/widgets/' + told.code + '/save', { fields: values });
      Object.assign(told, { status: answer.status, settings: answer.settings });
      if (answer.installed) {
        stage.call(widget, 'onInstall');
      }
      redraw(outcome(answer));
    };

    const disable = async () => {
      const data = { active: 'N', code: told.code, fields: fields.read($body.find('form'), told.fields) };
      if (!(await agreed(widget, data))) {
        say(t('refused'));
        return;
      }
      await page.post('/ajax/widgets/' + told.code + '/disable');
      stage.leave(told.code, true);
      modal.destroy();
    };

    const confirm = () => {
      const $sure = $('<p class="host-row host-sure"></p>').text(t('disable_sure') + ' ');
      const $keep = button('keep', '');
      $sure.append(button('disable', 'host-danger js-widget-uninstall-sure'), $keep);
      $keep.on('click', () => $sure.remove());
      $body.find('.host-sure').remove();
      $body.find('.widget-settings__footer').append($sure);
    };

    const failed = () => say(t('save_failed'));
    $body.on('click', '[data-tab]', (event) => show($body, event.currentTarget.dataset.tab));
    $body.on('submit', 'form', (event) => {
      event.preventDefault();
      save().catch(failed);
    });
    $body.on('click', '.js-widget-uninstall', confirm);
    $body.on('click', '.js-widget-uninstall-sure', () => disable().catch(failed));
  };

  return {
    open: async (code, afterwards) => {
      const told = page.widget(code);
      const modal = new Modal({
        class_name: 'widget-settings__modal',
        // Until the widget's script is there nothing listens, and a pressed button would reload the page.
        init: ($body) => draw($body.on('submit', 'form', (event) => event.preventDefault()), told),
        destroy: () => {
          stage.leave(code);
          afterwards();
        },
      });
      const $body = modal.$modal_body;
      const widget = await stage.enter(told);
      if (widget === undefined || !$body[0].isConnected) {
        return;
      }
      opened($body, told, widget, modal);
      if (told.locations.includes('settings') && stage.call(widget, 'settings', $body, {}) !== true) {
        $body.attr('data-settings-answer', 'not true');
      }
      $body.attr('data-ready', '');
    },
  };
});
