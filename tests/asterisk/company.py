"""A whole company around the real exchange: amoCRM emulated, every process of ours as in production.

Tests call and then look at amoCRM, as a manager would; our own tables are asked only about what amoCRM is
never told of.
"""

import itertools
import json
import os
import signal
import time
from pathlib import Path

from sandbox.calls.firm import Firm
from sandbox.demo.frame import Place, Ports
from sandbox.demo.processes import Children
from sandbox.demo.servers import Servers
from tests.asterisk.rig.configuration import LOGIN, SECRET

CALLS = ("call_in", "call_out")
LONGEST_SECONDS = 90  # on a busy machine; a call is in amoCRM within a few
GRACE_SECONDS = 3.0


class Company:
    """`fresh()` is a client nobody knows; `logged(number)` waits for the call in amoCRM."""

    def __init__(self, folder, exchange):
        self.exchange = exchange
        self.children = Children(folder)
        ports = Ports(exchange.place.sip + 5, has_guest=True)
        self.firm = Firm(Place(ports, folder, self.children, Servers()))
        self.firm.monitor = exchange.place.recordings
        self._numbers = (f"7901000{n:04}" for n in itertools.count(1))
        self.door = ""

    def open(self):
        place = self.exchange.place
        self.firm.start()
        self.firm.install()
        self.door = self.firm.connect(
            {
                "host": place.own_address, "port": str(place.ami_tls), "tls": "on", "login": LOGIN,
                "secret": SECRET, "options.ca": place.certificate.read_text(), "zone": "UTC",
                "tables": f"sqlite:///{place.tables}",
            }
        )  # fmt: skip
        self.ask_at(self.door)
        self.firm.wait_until_connected()

    def close(self):
        self.children.stop()

    def fresh(self):
        return next(self._numbers)

    def ask_at(self, address):
        """Whom the dialplan asks whom to ring."""
        self.exchange.ask(f"dialplan set global MOSTIK_ROUTE {address}")

    # amoCRM

    def crm(self):
        return self.firm.state()

    def notes(self, number):
        found = (note for note in self.crm()["notes"] if note["note_type"] in CALLS)
        return [note for note in found if note["params"]["phone"] == f"+{number}"]

    def logged(self, number, seconds=LONGEST_SECONDS):
        """The one call with this client; it is not logged twice."""
        self.until(lambda: self.notes(number), seconds, f"the call of {number} is logged")
        (note,) = self.notes(number)
        return note

    def contact(self, number):
        def has_number(contact):
            fields = contact["custom_fields_values"] or ()
            return any(f"+{number}" == value["value"] for field in fields for value in field["values"])

        (found,) = [contact for contact in self.crm()["contacts"] if has_number(contact)]
        return found

    def leads(self, number):
        contact_id = self.contact(number)["id"]
        return [
            lead
            for lead in self.crm()["leads"]
            if contact_id in [one["id"] for one in lead["_embedded"]["contacts"]]
        ]

    def missed_task(self, number):
        """It follows the call that was logged."""
        self.until(lambda: self.tasks(number), LONGEST_SECONDS, f"a task for the missed call of {number}")
        (task,) = self.tasks(number)
        return task

    def tasks(self, number):
        contact_id, leads = self.contact(number)["id"], {lead["id"] for lead in self.leads(number)}
        return [
            task
            for task in self.crm()["tasks"]
            if not task["is_completed"] and (task["entity_id"] == contact_id or task["entity_id"] in leads)
        ]

    def user(self, phone):
        return self.firm.users[phone]

    def click(self, phone, number):
        return self.firm.click(self.user(phone), f"+{number}")

    def rest(self):
        self.firm.rest(after=GRACE_SECONDS)

    # Our own processes

    def calls(self, number):
        """What we keep of the calls with this client."""
        return [call for call in self._listed() if call["client"].lstrip("+") == number]

    def asked(self, token):
        """What we keep of the call that a click asked for."""
        return [call for call in self._listed() if call["request_id"] == token]

    def _listed(self):
        return json.loads(self.firm.product.flask("telephony", "calls", self.firm.domain))

    def state(self):
        (state,) = json.loads(self.firm.product.flask("telephony", "state", self.firm.domain))
        return state

    def kill_listener(self):
        (pid,) = [pid for pid in self._family() if "backend.listeners.ami" in _command(pid)]
        os.kill(pid, signal.SIGKILL)
        return pid

    def listener(self):
        return [pid for pid in self._family() if "backend.listeners.ami" in _command(pid)]

    def _family(self):
        """Every process that the product has started."""
        child = next(child for child in self.children._children if child.name == "product")
        return _descendants(child.process.pid)

    def until(self, is_so, seconds, what):
        deadline = time.monotonic() + seconds
        while not is_so():
            self.children.check()
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.2)


def _descendants(pid):
    listing = Path(f"/proc/{pid}/task/{pid}/children")
    children = [int(child) for child in listing.read_text().split()] if listing.exists() else []
    return children + [one for child in children for one in _descendants(child)]


def _command(pid):
    path = Path(f"/proc/{pid}/cmdline")
    return path.read_bytes().decode("utf-8", "replace").replace("\0", " ") if path.exists() else ""
