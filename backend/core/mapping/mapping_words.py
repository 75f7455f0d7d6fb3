"""Proposals from words alone: which direction a category sounds like, which stage a phase.

Nothing here is saved by itself; a person looks at the form that these proposals fill in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend.core.crm import LOST, WON, Pipeline, Stage
from backend.core.mapping.mapping import Board, Card, same
from backend.core.salon import Phase

WORD = re.compile(r"[a-zа-я]{3,}")
STEM = 5  # letters: «эпиляция» and «эпиляции» are one word, «массаж» and «массажа» too
# Words of a price list that say nothing of the kind of work.
EMPTY = frozenset(
    (
        "для", "при", "или", "под", "над", "про", "все", "наши", "услуг", "проце", "мужск", "женск", "мужчи",
        "женщи", "детск", "дети", "скидк", "акция", "акции", "новин", "компл", "абоне", "серти", "допол",
        "прочи", "разно", "общее", "зона", "зоны", "тела", "лица", "the", "and", "for",
        "with", "men", "women",
    )
)  # fmt: skip
# Beginnings of words by which salons call one kind of work, whatever the title of the category.
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "Эпиляция": ("эпиля", "депил", "шугар", "воско", "ваксин", "лазер", "фотоэ", "диодн", "epila", "laser",
                 "waxin"),
    "Косметология": ("космет", "чистк", "пилин", "уход", "инъек", "биоре", "мезот", "ботул", "ботокс",
                     "филле", "контур", "facial", "peel"),
    "Ногти": ("маник", "педик", "ногт", "гель", "nail", "manic", "pedic"),
    "Брови и ресницы": ("бров", "ресни", "ламин", "перман", "brow", "lash"),
    "Волосы": ("волос", "стриж", "окраш", "уклад", "парик", "колор", "барбер", "бород", "hair"),
    "Массаж": ("массаж", "обертыв", "спа", "spa", "massa", "lpg"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a card may belong: a direction that is there (`key`), or a new one with this title."""

    card: Card
    key: str = ""
    title: str = ""


def proposals(board: Board) -> tuple[Proposal, ...]:
    """One for each card that still asks. Those that resemble one another get one direction."""
    cards = [card for card in board.left if not card.is_loose and not card.is_gone]
    near = {card: _nearest(card, board) for card in cards}
    fresh = _grouped([card for card in cards if not near[card]])
    return tuple(Proposal(card, near[card], fresh.get(card, "")) for card in cards)


def _nearest(card: Card, board: Board) -> str:
    """The direction whose own words, or whose cards' words, this title shares most; "" for none."""
    own = stems(card.title) | {_family(card.title)} - {""}
    scores = []
    for place, column in enumerate(board.columns):
        if column.direction is None or column.direction.is_default:
            continue  # the default one is for what fits nowhere: it is not a kind of work
        titles = (column.direction.title, *(other.title for other in column.cards))
        words = frozenset[str]().union(*(stems(title) | {_family(title)} - {""} for title in titles))
        scores.append((len(own & words), -place, column.direction.key))
    best = max(scores, default=(0, 0, ""))
    return best[2] if best[0] else ""


def _grouped(cards: Sequence[Card]) -> dict[Card, str]:
    """Card → title of a new direction: the kind of work by its usual name, else the word that most of the
    cards share, else the card's own title.
    """
    common = Counter(stem for card in cards for stem in stems(card.title))
    titles: dict[str, str] = {}
    found: dict[Card, str] = {}
    for card in sorted(cards, key=lambda card: (len(card.title), same(card.title))):
        shared = sorted((-common[stem], stem) for stem in stems(card.title) if common[stem] > 1)
        name = _family(card.title) or (titles.setdefault(shared[0][1], card.title) if shared else card.title)
        found[card] = name
    return found


def _family(title: str) -> str:
    words = WORD.findall(same(title))
    return next((name for name, parts in FAMILIES.items() if any(w.startswith(parts) for w in words)), "")


def stems(title: str) -> frozenset[str]:
    """Beginnings of the words that carry meaning."""
    found = {word[:STEM] for word in WORD.findall(same(title))}
    return frozenset(found - EMPTY)


# Stages

# By how salons call the stage of each phase; the first that fits in the pipeline's order is proposed.
STAGE_WORDS: Mapping[Phase, tuple[str, ...]] = {
    Phase.WAITING: ("записан", "запись", "ожида", "назначен", "забронир", "booked", "scheduled"),
    Phase.CONFIRMED: ("подтвер", "confirmed"),
    Phase.NO_SHOW: ("перенос", "перенес", "не прише", "неявк", "не явил", "no show", "no-show", "resched"),
}  # fmt: skip
NOT_THIS = ("не записан", "отмен", "не подтвер", "предзапис", "not booked", "cancel")


def stages(pipeline: Pipeline) -> dict[Phase, int]:
    """A map for a pipeline nobody has mapped. A booking begins somewhere, so `waiting` always has a stage."""
    open_ = open_stages(pipeline)
    found = {phase: stage.id for phase, words in STAGE_WORDS.items() if (stage := _called(words, open_))}
    if Phase.WAITING not in found and open_:
        taken = set(found.values())
        free = [stage for stage in open_ if stage.id not in taken] or list(open_)
        found[Phase.WAITING] = free[0].id
    return found | {Phase.ARRIVED: WON, Phase.CANCELLED: LOST}


def open_stages(pipeline: Pipeline) -> tuple[Stage, ...]:
    """Where a lead can stand that is neither closed nor unsorted, in the pipeline's order."""
    found = (stage for stage in pipeline.stages if not stage.is_incoming and stage.id not in (WON, LOST))
    return tuple(sorted(found, key=lambda stage: stage.sort))


def attachable(pipeline: Pipeline, mapped: Mapping[Phase, int]) -> frozenset[int]:
    """Leads that a booking may continue, to begin with: everything up to the stage of a booking, and the
    stage of those who did not come.
    """
    order = [stage.id for stage in open_stages(pipeline)]
    entry = mapped.get(Phase.WAITING)
    before = order[: order.index(entry) + 1] if entry in order else []
    return frozenset(before) | {mapped[p] for p in (Phase.NO_SHOW,) if mapped.get(p) in order}


def _called(words: Sequence[str], among: Iterable[Stage]) -> Stage | None:
    named = [(stage, same(stage.name)) for stage in among]
    fitting = [stage for stage, name in named if any(w in name for w in words) and not _is_other(words, name)]
    return fitting[0] if fitting else None


def _is_other(words: Sequence[str], name: str) -> bool:
    return any(part in name for part in NOT_THIS if part not in words)
