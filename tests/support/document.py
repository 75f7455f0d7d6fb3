"""A whole configuration document to be changed value by value, and what is wrong with a document."""

from copy import deepcopy

import pytest

from backend.core.errors import InvalidInput
from backend.core.rules.configuration_document import parse

ENV = {"YC_41001": "token-of-tverskaya"}

DOCUMENT = {
    "account": {"timezone": "Europe/Moscow"},
    "options": {
        "multi_category": "hybrid",
        "after_no_show": "continue",
        "settle": {"create": 30, "edit": 10, "arrived": 120, "no_show": 300, "delete": 60},
        "trigger_wait": 120,
        "loss_reasons": {"cancelled": 501, "technical": 502},
        "do_not_attach_tag": "не привязывать",
        "common_pipelines": [],
    },
    "branches": [
        {
            "company_id": 41001, "title": "Тверская", "user_token": "env:YC_41001", "mode": "active",
            "responsible_id": 7000001, "excluded_staff": [91],
        },
    ],
    "directions": [
        {
            "key": "epilation", "title": "Эпиляция", "priority": 1,
            "categories": {41001: [501, 502]}, "services": {41001: [90017]},
        },
        {"key": "other", "title": "Прочее", "default": True},
    ],
    "routes": [
        {
            "branch": 41001, "direction": "epilation", "pipeline": 8001, "responsible_id": 7000001,
            "attachable": [8100, 8101, 8105],
            "stages": {"waiting": 8101, "confirmed": 8102, "arrived": 142, "no_show": 8105, "cancelled": 143},
            "ranks": {8100: 10, 8105: 15, 8101: 20, 8102: 30},
        },
    ],
    "fields": {"record_id": 9001, "salon": "create", "direction": "create", "visit_at": 9005},
}  # fmt: skip


def changed(path, value):
    """The example document with one value replaced, added or (`...`) taken away."""
    document = deepcopy(DOCUMENT)
    target = document
    for step in path[:-1]:
        target = target[step]
    if value is ...:
        del target[path[-1]]
    elif isinstance(target, list) and path[-1] == len(target):
        target.append(value)
    else:
        target[path[-1]] = value
    return document


def problems(document, env=ENV):
    with pytest.raises(InvalidInput) as caught:
        parse(document, env)
    assert caught.value.code == "configuration.invalid"
    return [
        (problem.path, problem.code.removeprefix("configuration."))
        for problem in caught.value.details["problems"]
    ]
