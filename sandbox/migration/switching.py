"""The second half of the story: salons change hands and one of them goes back."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sandbox.demo.errors import DemoError
from sandbox.demo.frame import say
from sandbox.demo.product import CLIENT_ID
from sandbox.get8 import network
from sandbox.get8.settings import Links, Plain
from sandbox.migration import judge
from sandbox.migration.deeds import Live
from sandbox.migration.judge import Verdict
from sandbox.migration.product import urls_of
from sandbox.migration.scene import DOMAIN, ROBOT_NAME
from sandbox.migration.story import Story

FAST, SLOW = 20.0, 6.0
"""How far the clock goes at a look: before the other one stops, and while its silence is proved."""
LOOK_SECONDS = 0.5
MOST_SECONDS = 400.0
ASK_EVERY = 4
GONE = {"failed_back", "rolling_back"}
OURS = {"watching", "done"}


class Move(Story):
    """`switch`, `work_on`, `go_back`, and the judgement."""

    def begin(self) -> None:
        self.times: dict[int, list[tuple[float, float]]] = {}
        self.switch_s: list[float] = []
        self.work_s: list[float] = []
        self.rollback_s = 0.0
        self.since = self._last_write()

    def now(self) -> float:
        return self.staff.now().timestamp()

    # One button

    def switch(self, company_id: int) -> None:
        title = network.TITLES[company_id]
        checks = self.product.ask("ready", company_id)
        red = [check for check in checks if check["is_needed"] and not check["is_green"]]
        say(f"Переключаю салон «{title}»: условий {len(checks)}, красных {len(red)}")
        for check in red:
            say(f"  не готово: {check['code']} {check['details']}")
        self.staff.create(company_id)  # GET8 may still be busy with it when it is stopped
        self.product.ask("switch", company_id)
        told = self._until(company_id, lambda line: line["cutover"]["state"] in OURS | GONE)
        one = told["cutover"]
        if one["state"] in GONE:
            raise DemoError(f"the switch of {title} went back: {one}")
        t0, leased = _moment(one["t0"]), _moment(one["leased_at"])
        self.times.setdefault(company_id, []).append((leased, math.inf))
        wrote = [row["at"] for row in self._writes() if row["at"] >= leased]
        self.switch_s.append(min(wrote, default=leased) - t0)
        steps = one["steps"]
        own = {step["step"]: step["own_ms"] / 1000 for step in steps}
        self.work_s.append(
            sum(own.get(name, 0.0) for name in ("stopping", "draining", "leasing", "catching_up"))
        )
        for step in steps:
            say(f"  {step['step']:<12} {step['outcome']:<8} {step['own_ms']} мс  {step['details']}")
        say(f"  от T0 до нашей записи {self.switch_s[-1]:.0f} с, своей работы {self.work_s[-1]:.1f} с")
        self.company.rest.wait()

    def _until(self, company_id: int, is_over: Callable[[Plain], bool]) -> Plain:
        """Time goes by, staff goes on working, until the switch is over."""
        deadline, look = time.monotonic() + MOST_SECONDS, 0
        is_stopped = False
        while True:
            look += 1
            is_stopped = is_stopped or self.scene.get8_address not in " ".join(
                urls_of(self.scene, company_id)
            )
            self.company.clock.advance(SLOW if is_stopped else FAST)
            if look % 8 == 0:
                self.staff.work(company_id, 1)
            if look % ASK_EVERY == 0:
                told: Plain = self.product.ask("timeline", company_id)
                if is_over(told):
                    return told
            if time.monotonic() > deadline:
                raise DemoError(f"the switch of salon {company_id} does not end: {told}")
            time.sleep(LOOK_SECONDS)

    def work_on(self, hours: int, deeds: int) -> None:
        """Salons work on, each with whoever writes for it now."""
        for _hour in range(hours):
            self.company.pass_time(3600)
            for company_id in network.TITLES:
                self.staff.work(company_id, deeds)
            self.company.rest.wait()

    # The other button

    def go_back(self, company_id: int) -> None:
        title, pressed = network.TITLES[company_id], self.now()
        say(f"Возвращаю салон «{title}» на GET8…")
        self.product.ask("back", company_id)
        deadline = time.monotonic() + MOST_SECONDS
        while True:
            told = self.product.ask("timeline", company_id)
            if told["rollback"] and told["rollback"]["state"] == "done":
                break
            if time.monotonic() > deadline:
                raise DemoError(f"the return of {title} does not end: {told}")
            time.sleep(LOOK_SECONDS)
        listed = " ".join(urls_of(self.scene, company_id))
        if self.scene.get8_address not in listed or told["writer"] != "get8":
            raise DemoError(f"{title} is not back on GET8: {listed}, {told['writer']}")
        self.rollback_s = _moment(told["rollback"]["returned_at"]) - pressed
        begin, _open = self.times[company_id].pop()
        self.times[company_id].append((begin, self.now()))
        say(f"  GET8 снова пишет через {self.rollback_s:.0f} с")
        self.company.rest.wait()

    # The end

    def conclude(self) -> Verdict:
        scene, verdict = self.scene, Verdict()
        verdict.switch_s = max(self.switch_s, default=0.0)
        verdict.switch_work_s = max(self.work_s, default=0.0)
        verdict.rollback_s = self.rollback_s
        account = scene.account()
        leads = {lead["id"]: lead for lead in account["leads"]}
        judge.judge_pairs(verdict, scene.truth, self.told, self.now(), scene.style)
        owners = self._owners(account["leads"])
        touched = self.staff.touched()
        judged = {key: live for key, live in touched.items() if not self._is_get8_s_trouble(key, live)}
        judge.judge_deals(verdict, judged, owners, leads)
        born = [key for key, live in judged.items() if self._is_born_here(key, live)]
        judge.judge_marks(verdict, scene.layout, born, owners, leads)
        writes = self._writes()
        say(f"Записей с делами {len(touched)}, родилось у нас {len(born)}, наших изменений {len(writes)}")
        mine = {lead_id for key in touched for lead_id in owners.get(key, ())}
        judge.judge_untouched(verdict, scene.before, leads, mine)
        judge.judge_robot(verdict, account["leads"], self._won(owners, leads), ROBOT_NAME)
        salon_of = {lead_id: key[0] for key, ids in owners.items() for lead_id in ids}
        judge.judge_writers(verdict, writes, salon_of, self.times)
        for finding in verdict.findings[:60]:
            say(f"  {finding.kind}: {finding.about} — {finding.text}")
        return verdict

    def _is_get8_s_trouble(self, key: judge.Key, live: Live) -> bool:
        """A GET8 that keeps its links to itself cannot know deals made while it was away: it makes more."""
        is_back = any(end < math.inf for _begin, end in self.times.get(key[0], ()))
        return is_back and self._is_born_here(key, live) and self.scene.links is Links.PRIVATE

    def _is_born_here(self, key: judge.Key, live: Live) -> bool:
        """Booked while the salon was ours."""
        born = live.deeds[0][0] if live.born_here else 0.0
        return any(begin <= born <= end for begin, end in self.times.get(key[0], ()))

    def _owners(self, leads: list[Plain]) -> dict[judge.Key, list[int]]:
        """Deals of each booking: by the key of the history, by GET8's own memory, by marks on the cards."""
        layout = self.scene.layout
        found: dict[judge.Key, list[int]] = {
            key: list(ids) for key, ids in judge.leads_of(layout, leads).items()
        }
        numbers = judge.record_marks(layout, leads)
        copies = {lead for answer in self.scene.truth.answers for lead in answer.copies}
        rows = [((a.company_id, a.record_id), a.lead_id) for a in self.scene.truth.answers]
        rows += [((company, record), lead) for company, record, lead in self.scene.get8_state()["links"]]
        for key, lead_id in rows:
            if lead_id is not None:
                found.setdefault(key, []).append(lead_id)
        for key in {*found, *self.staff.live}:
            found.setdefault(key, []).extend(numbers.get(key[1], ()))
        return {key: sorted(set(ids) - copies) for key, ids in found.items()}

    def _won(self, owners: dict[judge.Key, list[int]], leads: dict[int, Plain]) -> Counter[int]:
        """Visits that came true, by contact, in the pipeline that the robot watches."""
        won: Counter[int] = Counter()
        for key, live in self.staff.touched().items():
            if live.attendance == 1 and live.pipeline == network.EPILATION and owners.get(key):
                contacts = leads[owners[key][0]]["_embedded"]["contacts"]
                won.update(contact["id"] for contact in contacts[:1])
        return won

    def _writes(self) -> list[Plain]:
        rows = self.scene.crm.read("journal", domain=DOMAIN, since=self.since)
        return judge.writes_of(rows, CLIENT_ID)

    def _last_write(self) -> int:
        """The log is read from here on; before it nothing of ours may stand there."""
        rows = self.scene.crm.read("journal", domain=DOMAIN)
        early = judge.writes_of(rows, CLIENT_ID)
        if early:
            raise DemoError(f"something was written before the move began: {early[:3]}")
        return max((int(row["n"]) for row in rows), default=0)


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
