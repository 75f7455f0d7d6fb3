"""Lists, search and filters of the emulator against chapters 2.1, 3.5 and 10 of the amoCRM reference."""

import pytest

from tests.support.amocrm_sandbox import (
    ADMIN,
    AGREED,
    DOMAIN,
    EXACT,
    KEY,
    REPEAT,
    SALES,
    SELLER,
    SOURCE,
    Api,
    new_world,
    value,
)


@pytest.fixture
def world():
    return new_world()


@pytest.fixture
def api(world):
    return Api(world)


def ids(answer, name="leads"):
    return [] if answer.status_code == 204 else [row["id"] for row in answer.json()["_embedded"][name]]


def test_pages_follow_one_another_until_there_is_no_next(api):
    api.post("leads", [{"name": str(n)} for n in range(5)])

    first = api.get("leads", limit=2).json()
    last = api.get("leads", limit=2, page=3).json()

    assert first["_page"] == 1
    assert "page=2" in first["_links"]["next"]["href"]
    assert len(last["_embedded"]["leads"]) == 1
    assert "next" not in last["_links"]
    assert "prev" in last["_links"]
    assert api.get("leads", limit=2, page=4).status_code == 204


def test_link_to_the_next_page_leads_there(api):
    api.post("leads", [{"name": str(n)} for n in range(3)])
    first = api.get("leads", limit=2, **{"order[id]": "desc"}).json()

    path = first["_links"]["next"]["href"].partition("/api/v4/")[2]

    assert ids(api.call("GET", path)) == [min(ids(api.get("leads")))]


def test_next_may_lie(world, api):
    world.amocrm.options(lying_next=True)
    api.post("leads", [{"name": str(n)} for n in range(2)])

    assert "next" in api.get("leads", limit=2).json()["_links"]
    assert api.get("leads", limit=2, page=2).status_code == 204


def test_a_page_holds_fifty_rows_by_default_and_at_most_250(api):
    for _ in range(2):
        api.post("leads", [{"name": "x"}] * 130)

    assert len(ids(api.get("leads"))) == 50
    assert len(ids(api.get("leads", limit=500))) == 250


def test_order_by_change_puts_the_newest_write_first(world, api):
    first, second = api.lead(), api.lead()
    world.clock.advance(10)
    api.patch(f"leads/{first}", {"price": 1})

    assert ids(api.get("leads", **{"order[updated_at]": "desc"})) == [first, second]
    assert ids(api.get("leads", **{"order[updated_at]": "asc"})) == [second, first]
    assert ids(api.get("leads", **{"order[unknown]": "desc"})) == [first, second]


@pytest.mark.parametrize(
    "query", ["79990000001", "9990000001", "990000001", "+7 (999) 000-00-01", "иван", "0000001"]
)
def test_contact_is_found_by_digits_and_by_text(api, query):
    contact_id = api.contact("+7 999 000-00-01")
    api.contact("+79990000002", name="Пётр")

    assert ids(api.get("contacts", query=query), "contacts") == [contact_id]


def test_old_phone_finds_nobody_once_it_is_changed(api):
    contact_id = api.contact("+79990000001")
    phone = {"field_code": "PHONE", "values": [{"value": "+79990000003"}]}
    api.patch(f"contacts/{contact_id}", {"custom_fields_values": [phone]})

    assert api.get("contacts", query="9990000001").status_code == 204
    assert ids(api.get("contacts", query="9990000003"), "contacts") == [contact_id]


def test_lead_is_found_by_its_key(api):
    lead_id = api.lead(custom_fields_values=[value(KEY, "yclients:41001:77")])
    api.lead(custom_fields_values=[value(KEY, "yclients:41001:78")])

    assert ids(api.get("leads", query="yclients:41001:77")) == [lead_id]


def test_search_lags_behind_writes(world, api):
    world.amocrm.options(search_lag=30)
    contact_id = api.contact("+79990000001")
    assert api.get("contacts", query="9990000001").status_code == 204
    assert ids(api.get("contacts"), "contacts") == [contact_id]

    world.clock.advance(30)

    assert ids(api.get("contacts", query="9990000001"), "contacts") == [contact_id]


def test_lagging_search_still_finds_a_changed_row_by_what_it_was(world, api):
    world.amocrm.options(search_lag=30)
    contact_id = api.contact("+79990000001")
    world.clock.advance(30)
    phone = {"field_code": "PHONE", "values": [{"value": "+79990000003"}]}
    api.patch(f"contacts/{contact_id}", {"custom_fields_values": [phone]})

    assert ids(api.get("contacts", query="9990000001"), "contacts") == [contact_id]
    assert api.get("contacts", query="9990000003").status_code == 204

    world.clock.advance(30)
    assert ids(api.get("contacts", query="9990000003"), "contacts") == [contact_id]


def test_filters_lag_as_search_does_and_lists_by_an_option_of_their_own(world, api):
    world.amocrm.options(search_lag=30)
    lead_id = api.lead(custom_fields_values=[value(KEY, "k")])
    by_key = {f"filter[custom_fields_values][{KEY}][]": "k"}

    assert api.get("leads", **by_key).status_code == 204
    assert ids(api.get("leads")) == [lead_id]
    world.amocrm.options(search_lag=0, list_lag=30)
    assert ids(api.get("leads", **by_key)) == [lead_id]
    assert api.get("leads").status_code == 204


@pytest.fixture
def three(api):
    """Three leads that differ in everything a filter can ask."""
    return [
        api.lead(
            price=100, custom_fields_values=[value(KEY, "a"), value(SOURCE, "Сайт"), value(AGREED, True)]
        ),
        api.lead(
            price=200,
            status_id=8102,
            responsible_user_id=SELLER,
            custom_fields_values=[value(EXACT, 1767571200)],
        ),
        api.lead(price=300, pipeline_id=REPEAT, created_by=0),
    ]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"filter[pipeline_id][]": REPEAT}, [2]),
        ({"filter[pipeline_id][0]": SALES}, [0, 1]),
        ({"filter[statuses][0][pipeline_id]": SALES, "filter[statuses][0][status_id]": 8102}, [1]),
        ({"filter[statuses][0][status_id]": 8102}, []),
        ({"filter[responsible_user_id]": SELLER}, [1]),
        ({"filter[created_by]": 0}, [2]),
        ({"filter[price][from]": 150, "filter[price][to]": 250}, [1]),
        ({f"filter[custom_fields_values][{KEY}][]": "a"}, [0]),
        ({f"filter[custom_fields_values][{SOURCE}][]": 11}, [0]),
        ({f"filter[custom_fields_values][{SOURCE}][]": "Сайт"}, []),
        ({f"filter[custom_fields_values][{AGREED}][]": 1}, [0]),
        ({f"filter[custom_fields_values][{EXACT}][from]": 1767571200}, [1]),
        ({"filter[updated_at]": 5}, []),
        ({"filter[updated_at][from]": 5}, [0, 1, 2]),
        ({"filter[pipelines][]": REPEAT}, [0, 1, 2]),
        ({"filter[price][from]": 150, f"filter[custom_fields_values][{KEY}][]": "a"}, []),
    ],
)
def test_filters_narrow_and_unknown_ones_are_ignored(api, three, asked, places):
    assert ids(api.get("leads", **asked)) == [three[place] for place in places]


def test_filter_by_many_ids(api, three):
    assert ids(api.get("leads", **{"filter[id][]": [three[0], three[2], 999]})) == [three[0], three[2]]


def test_filters_do_nothing_where_they_are_not_paid_for(world, api, three):
    world.amocrm.filters(domain=DOMAIN, enabled=False)

    assert ids(api.get("leads", **{"filter[pipeline_id][]": REPEAT})) == three
    assert api.get("account", **{"with": "is_api_filter_enabled"}).json()["is_api_filter_enabled"] is False


def test_leads_of_a_contact_come_only_when_asked(world, api):
    lead = world.amocrm.ui_lead(
        domain=DOMAIN, user_id=ADMIN, name="Л", contact={"name": "Иван", "phone": "+79990000001"}
    )

    plain = api.get("contacts").json()["_embedded"]["contacts"][0]
    asked = api.get("contacts", **{"with": "leads"}).json()["_embedded"]["contacts"][0]

    assert "leads" not in plain["_embedded"]
    assert [row["id"] for row in asked["_embedded"]["leads"]] == [lead["id"]]


def test_filters_of_leads_mean_nothing_to_contacts(api):
    contact_id = api.contact()

    answer = api.get(
        "contacts", **{"filter[pipeline_id][]": 1, "filter[price][from]": 5, "filter[name]": "Иван"}
    )

    assert ids(answer, "contacts") == [contact_id]
    assert api.get("contacts", **{"filter[name]": "Пётр"}).status_code == 204
