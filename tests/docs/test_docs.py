"""The documents: their links lead somewhere, nothing is left out, the generated tables are fresh."""

import dataclasses
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from backend.settings import Settings
from docs.tools import service

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
BY_HAND = ("README.md", "docs/configuration.md", "docs/operation.md")
QUESTIONS = 15


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(text):
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def links_of(page):
    text = without_code(page.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if not link.startswith(("http://", "https://"))]


def anchors_of(page):
    """As GitHub makes them: lower case, punctuation dropped, spaces to hyphens."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands_in(text):
    """Lines of the shell blocks without their comments and without what a reader fills in."""
    lines = "\n".join(BLOCK.findall(text)).splitlines()
    bare = (re.sub(r"\s+#.*", "", line).strip() for line in lines)
    return [re.sub(r"АДРЕС_РЕПОЗИТОРИЯ|REPOSITORY", "…", line) for line in bare if line]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page

        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def test_every_document_can_be_reached_from_the_readme():
    linked = {Path(link).name for link in links_of(ROOT / "README.md")}

    assert {page.name for page in ROOT.glob("docs/*.md")} <= linked


@pytest.mark.parametrize("name", ["README.md", "README.en.md"])
def test_readme_names_the_two_commands(name):
    commands = commands_in(read(name))

    assert "make demo" in commands
    assert "make test" in commands


def test_the_english_readme_gives_the_same_commands():
    assert commands_in(read("README.en.md")) == commands_in(read("README.md"))


def test_every_setting_stands_in_the_example():
    shown = set(re.findall(r"^([A-Z_]+)=", read(".env.example"), re.MULTILINE))
    own = {field.name.upper() for field in dataclasses.fields(Settings)}

    assert own | {name for name, _ in service.OF_RUN} == shown


def test_defaults_in_the_example_are_those_of_the_code():
    shown = dict(re.findall(r"^([A-Z_]+)=(.+)$", read(".env.example"), re.MULTILINE))
    defaults = {f.name.upper(): str(f.default) for f in dataclasses.fields(Settings)}

    for name in shown.keys() & defaults.keys() - {"PUBLIC_URL"}:
        assert shown[name] == defaults[name], name


def test_every_command_is_explained_by_hand():
    text = "\n".join(map(read, BY_HAND))

    assert [name for name in service.command_names() if name not in text] == []


def test_no_command_is_named_that_does_not_exist():
    known = set(service.command_names())
    groups = "|".join(sorted({name.split()[0] for name in known}))
    named = re.findall(rf"flask --app wsgi ({groups}) (\w+)", "\n".join(map(read, BY_HAND)))

    assert named
    assert {" ".join(pair) for pair in named} <= known


def test_generated_tables_are_fresh():
    done = subprocess.run(
        [sys.executable, "-m", "docs.tools", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_all_questions_for_the_customer_are_asked():
    chapter = read("docs/tz.md").partition("## 16.")[2].partition("## 17.")[0]
    rows = re.findall(r"^\| (\d+) \|([^|]+)\|([^|]+)\|", chapter, re.MULTILINE)

    assert [int(number) for number, _, _ in rows] == list(range(1, QUESTIONS + 1))
    assert all(question.strip() and default.strip() for _, question, default in rows)


def test_the_estimate_adds_up():
    chapter = read("docs/tz.md").partition("## 18.")[2]
    rows = re.findall(r"^\| \d+\. .*?\| (\d+) \| (\d+) \|", chapter, re.MULTILINE)
    total = re.search(r"\*\*(\d+)\*\* \| \*\*(\d+)\*\*", chapter)

    assert [sum(map(int, column)) for column in zip(*rows, strict=True)] == [int(n) for n in total.groups()]


def test_the_changelog_tells_of_this_version():
    version = json.loads(read("manifest.json"))["widget"]["version"]

    assert f"## {version} — " in read("CHANGELOG.md")


@pytest.mark.parametrize("path", sorted(ROOT.glob("docs/images/*.svg")), ids=lambda path: path.name)
def test_pictures_are_legible_in_light_and_dark_and_without_eyes(path):
    text = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)  # noqa: S314  our own file

    assert "prefers-color-scheme: dark" in text
    assert root.find("{http://www.w3.org/2000/svg}title").text
    assert root.find("{http://www.w3.org/2000/svg}desc").text
