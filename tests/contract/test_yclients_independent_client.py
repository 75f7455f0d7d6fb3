"""A stranger's YCLIENTS client (`yclients-api`) works with the emulator; only its transport is replaced."""

import httpx
import pytest
import yclients.yclients
from yclients import YClientsAPI

from tests.support.yclients import FULL, LASER, SALON, STAFF, Salon


class Through:
    """What that client uses of httpx, with every connection going into the emulator whatever the host."""

    def __init__(self, transport):
        self.transport = transport

    def Client(self, **_options):
        return httpx.Client(transport=self.transport)

    def request(self, method, url, **more):
        with self.Client() as client:
            return client.request(method, url, **more)

    def get(self, url, **more):
        return self.request("GET", url, **more)

    def post(self, url, **more):
        return self.request("POST", url, **more)


@pytest.fixture
def salon():
    return Salon()


@pytest.fixture
def stranger(salon, monkeypatch):
    monkeypatch.setattr(
        yclients.yclients, "httpx", Through(httpx.WSGITransport(app=salon.world.yclients_wsgi))
    )
    return YClientsAPI(token="partner-token", company_id=SALON, form_id=1)


@pytest.fixture
def signed_in(stranger):
    stranger.update_user_token(stranger.get_user_token("79000000001", "secret-example"))
    return stranger


def test_it_gets_a_user_token(stranger):
    assert stranger.get_user_token("79000000001", "secret-example") == FULL


def test_it_reads_rights(signed_in):
    assert signed_in.show_user_permissions()["timetable"]["timetable_access"] is True


def test_it_reads_the_catalogue_for_booking(stranger):
    staff = stranger.get_staff()["data"]
    services = stranger.get_services()["data"]["services"]

    assert [member["name"] for member in staff] == ["Вера Образцова", "Инна Пробная"]
    assert [service["id"] for service in services] == [90001, 90021]
    assert stranger.get_staff_info(STAFF)["data"]["name"] == "Вера Образцова"
    assert stranger.get_service_info(LASER)["data"]["title"] == "Лазер"


def test_it_books_a_free_time_once(salon, stranger):
    day = stranger.get_available_days(staff_id=STAFF, service_id=LASER)["data"]["booking_dates"][0]
    times = stranger.get_available_times(staff_id=STAFF, service_id=LASER, day=day)["data"]
    wish = (1, "Мария", "79000000011", "m@example.test", STAFF, times[0]["datetime"], LASER, "онлайн")

    booked = stranger.book(*wish)
    left = stranger.get_available_times(staff_id=STAFF, service_id=LASER, day=day)["data"]

    made = [record for record in salon.yclients.state()["records"] if record["online"]]
    assert booked == (True, "")
    assert [(record["client"]["name"], record["comment"]) for record in made] == [("Мария", "онлайн")]
    assert times[0]["time"] not in [slot["time"] for slot in left]


def test_it_pages_through_clients_and_visits(salon, signed_in):
    for minute in range(25):
        salon.book(clock=f"10:{minute:02d}", client={"name": f"К{minute}", "phone": f"790000001{minute:02d}"})
    first = salon.book(day="2026-12-03", attendance=1, client={"name": "К0", "phone": "79000000100"})

    people = signed_in.get_clients_data(clients_per_page=10)
    visits = signed_in.get_visits_for_client(first["client"]["id"], visits_per_page=1)
    attended = signed_in.get_attended_visits_for_client(first["client"]["id"])

    assert len({person["id"] for person in people}) == 25
    assert len({visit["id"] for visit in visits}) == 2
    assert [visit["id"] for visit in attended] == [first["id"]]
