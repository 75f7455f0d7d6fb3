"""All PBXes that this process serves: begun, begun anew when something about them changed, and ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import Any

from peewee import PeeweeException
from redis.exceptions import RedisError

from backend.core.errors import AppError
from backend.flows.context import Context
from backend.flows.telephony.exchanges.kind_asterisk import DIALS
from backend.listeners.post import Post
from backend.store import db
from backend.store.telephony import pbxes

log = logging.getLogger(__name__)

KNOCK_SECONDS = 1  # the longest wait for one, so that a new PBX is listened for soon


class Posts:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._posts: dict[int, tuple[int, Post]] = {}
        self._is_over = threading.Event()
        self._has_news = threading.Event()  # a PBX to be listened for
        self._porter = threading.Thread(target=self._answer_knocks, name="pbx-porter", daemon=True)
        self._porter.start()

    def tend(self, revisions: Mapping[int, int]) -> None:
        """`revisions`: PBX id → its revision, of all that are on."""
        for pbx_id, (revision, post) in list(self._posts.items()):
            if revisions.get(pbx_id) != revision or not post.is_alive():
                log.info("pbx left id=%d", pbx_id)
                self._posts.pop(pbx_id)[1].stop()
                post.join(20)
        for pbx_id, revision in revisions.items():
            if pbx_id not in self._posts:
                self._begin(pbx_id, revision)

    def stop(self) -> None:
        self._is_over.set()
        for _, post in self._posts.values():
            post.stop()
        for _, post in self._posts.values():
            post.join(20)
        self._posts.clear()

    def _begin(self, pbx_id: int, revision: int) -> None:
        try:
            with db.connection():
                pbx = pbxes.by_id(pbx_id)
        except (AppError, PeeweeException, LookupError) as error:  # seen again in the next round
            log.warning("pbx not read id=%d error=%s", pbx_id, error)
            return
        post = Post(self._ctx, pbx)
        self._posts[pbx_id] = (revision, post)
        post.start()
        self._has_news.set()

    def _answer_knocks(self) -> None:
        """Sleeps on the lists of all PBXes at once; whose list says something is told to look."""
        while not self._is_over.is_set():
            serving = list(self._posts.items())
            posts = {DIALS.format(pbx_id).encode(): post for pbx_id, (_, post) in serving}
            if not posts:
                self._has_news.wait(KNOCK_SECONDS)
                continue
            try:
                knocked: Any = self._ctx.redis.blpop(list(posts), timeout=KNOCK_SECONDS)
            except RedisError as error:
                log.warning("knocks not heard error=%s", type(error).__name__)
                self._is_over.wait(KNOCK_SECONDS)
                continue
            if knocked:
                posts[knocked[0]].knock()
