"""What the builder says about scripts, templates and styles."""

import pytest

from deploy.build_widget import check


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        ("script.js", "alert('x');", "a browser dialog"),
        ("script.js", "eval('x');", "eval"),
        ("script.js", "console.log('x');", "console output"),
        ("script.js", "const options = { async: false };", "a synchronous request"),
        ("script.js", "document.createElement('script');", "a script from elsewhere"),
        ("script.js", "APP.data.current_card = null;", "a write into amoCRM's own objects"),
        ("script.js", "window.ours = 1;", "a global variable"),
        ("script.js", "frame.postMessage(data, '*');", "a message to any window"),
        ("script.js", "node.innerHTML = text;", "HTML built in a script"),
        ("script.js", "fetch('/api/v4/leads');", "a request that is not authorized"),
        ("script.js", "$('.switcher__on').hide();", "switcher classes"),
        ("script.js", "// const old = 1;", "code in a comment"),
        ("script.js", "$('.js-widget-install').click();", "install buttons"),
        ("script.js", "setTimeout('step()', 10);", "code in a string"),
        ("script.js", "setInterval(step, 10);", "a timer that never ends"),
        ("script.js", "debugger;", "a breakpoint"),
        ("script.js", "document.head.appendChild(x);", "put into the head"),
        ("script.js", "$('head').append(x);", "in the head beside the style sheet"),
        ("script.js", "const view = AMOCRM.data;", "the old name of APP"),
        ("script.js", "const view = APP.router;", "a part of APP that is not documented"),
        ("script.js", "$('.button').trigger('click');", "a click that nobody made"),
        ("script.js", "/* const old = 1; */", "code in a comment"),
        ("script.js", "const x = atob(y);", "obfuscated code"),
        ("script.js", "import('https://x.example/x.js');", "a script from elsewhere"),
        ("script.js", "const x = 'https://x.example';", "belongs into js/address.js"),
        ("script.js", "for (const x of list) {\n  widget.$authorizedAjax({ x });\n}", "a request in a loop"),
        ("script.js", "list.forEach((x) => backend.card(x));", "a request in a loop"),
        ("script.js", "while (next()) backend.recheck(x, y);", "a request in a loop"),
        ("script.js", "list.map((x) => self.crm_post(x));", "a request in a loop"),
        ("script.js", "const long = '" + "x" * 250 + "';", "as if minified"),
        ("templates/state.twig", "<script>1</script>", "a script"),
        ("templates/state.twig", '<p style="color: red">x</p>', "an inline style"),
        ("templates/state.twig", '<p onclick="x()">x</p>', "an inline handler"),
        ("templates/state.twig", '<p class="title">x</p>', "without ywx-"),
        ("templates/state.twig", '<iframe src="x"></iframe>', "loads something"),
        ("templates/state.twig", "<p><img></p>", "loads something"),
        ("templates/state.twig", "{# why #}", "a comment that every visitor loads"),
        ("templates/state.twig", '<a href="https://x.example">x</a>', "an address of somebody else"),
        ("css/widget.css", ".ywx-x { position: fixed; }", "covers amoCRM's controls"),
        ("css/widget.css", ".ywx-x { background: url(https://x.example/x.png); }", "from elsewhere"),
        ("css/widget.css", ".ywx-state { color: red !important; }", "!important"),
        ("css/widget.css", "@import 'x.css';", "from elsewhere"),
        ("css/widget.css", "button { color: red; }", "selector 'button'"),
        ("css/widget.css", ".ywx-state, #panel { color: red; }", "selector '#panel'"),
    ],
)
def test_what_moderation_refuses_is_named_with_its_file(project, name, line, words):
    path = project / "widget" / name
    path.write_text(f"{path.read_text()}{line}\n")

    problems = check(project)

    assert any(problem.startswith(f"widget/{name}:") and words in problem for problem in problems), problems


def test_a_script_must_be_a_strict_amd_module(project):
    (project / "widget/script.js").write_text("const x = 1;\n")

    problems = check(project)

    assert "widget/script.js: is not an AMD module, it must begin with define(" in problems
    assert "widget/script.js: lacks 'use strict'" in problems


def test_a_module_asks_only_for_what_is_there(project):
    path = project / "widget/js/ui.js"
    path.write_text(path.read_text().replace("define(['jquery',", "define(['jquery', 'lodash', './gone.js',"))

    problems = check(project)

    end = "which is neither amoCRM's nor in the archive"
    assert f"widget/js/ui.js: asks for lodash, {end}" in problems
    assert f"widget/js/ui.js: asks for ./gone.js, {end}" in problems


def test_a_request_behind_a_loop_is_not_in_it(project):
    path = project / "widget/script.js"
    path.write_text(
        f"{path.read_text()}for (const x of list) {{ use(x); }}\nbackend.card(all, done, fail);\n"
    )

    assert check(project) == []


def test_debug_output_and_comparisons_are_allowed(project):
    path = project / "widget/script.js"
    path.write_text(path.read_text() + "console.debug(APP.lang_id === 'ru');\n// Says why, not what.\n")

    assert check(project) == []
