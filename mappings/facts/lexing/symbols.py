"""The alphabet between words and grammar: every word of eight languages becomes a shape, a value and cues.

The **shape** is what a word is to a time expression, one letter each; the grammar is written over these letters and so
knows no language. A compound word may have several ("Jahresende" is `ey`).

    M month   S season   W weekday   Y calendar year   N number   O ordinal   a "a", "one"   k "a couple", "a few"
    D day in figures   L month in figures   Q quarter   H half   F fiscal year   J feast with a fixed day
    E feast that moves   C another people's calendar ("Chinese new year"), or holy (week)   G "and a half"   P near
    d day   w week   m month   q quarter   h half   y year   g "half" (a year)   j fiscal year   f "fiscal"
    V holidays, whose days differ (1: a break, only beside a season)   K the colour of a day of sales
    n next   * new   t this   l last   A after   B before   U until   i in, on, at   u for   o of, the   s since   x ago
    e end   b beginning   c middle   z late   Z later   r left, another   v every   & and, or
    [ a placeholder   , end of a clause   . end of a sentence   _ anything else

An "after" with the value 9 stands behind ("April ke baad"). A unit with the value 9 is a plural: "the coming months"
name no day, "three months" do.

The **cues** say which kind of fact a date near the word belongs to.
"""

from __future__ import annotations

import re

CONTRACT = 1  # contract, subscription
EXPIRY = 2  # renewal, expires: a contract's end without more words
BOUND = 4  # locked in, tied
SIGN = 8  # signed, committed
NOTICE = 16  # notice period
ENDS = 32  # ends, runs until: of whatever the clause is about
STARTS = 64  # starts, begins
BUDGET = 128
PLAN = 256  # planning, review, approval
RESET = 512  # the budget resets
CALL = 1024  # call, circle back: what one does on the day
LATER = 2048  # postponed, maybe, not ready
NOT = 4096
PAST = 8192  # met, quoted: a date that is over
BLOCK = 16384  # price, trial, headcount: dates of things that are no fact
EVENT = 32768  # merger, go-live: has its own date, or waits without one
UNLESS = 65536  # the word is a date word only beside one: may, march, fall
WAIT = 131072  # once, when, as soon as
BACK = 262144  # back, again, later: with a call, a wish to come back
TOLD = 524288  # slipped, wanted, should have: a story, whose vague times are over
HAVE = 1 << 20  # has, wurde: with a participle, a story
DONE = 1 << 21  # such a participle, by its form
PUT = 1 << 22  # postponed, moved: said of the past, but the day they name is to come
REPORT = 1 << 23  # asked, agreed: what they said is over, the day they said is not
CHOSE = 1 << 24  # went with, stay with: with "until" a contract
ONLY = 1 << 25  # only in May, not before May
PERSON = 1 << 26  # "contact": behind an article a person, else what one does on the day
IN_FIGURES = 1 << 27  # an ordinal written in figures
DAY_ARTICLE = 1 << 28  # "le", "el", "il": before a bare figure a day of the month
MISSED = 1 << 29  # wollten, querían: even a call that was meant is over
GOES = 1 << 30  # closes, goes: ends a year's books, but plants close and people go as well
ASKED = CALL | LATER

# After these a full stop ends no sentence.
_SHORTENED = """
ca exp evtl ggf bzw approx est inkl mr mrs dr env aprox circa nr bsp max min tel vs mind jan feb mar apr jun jul aug sep
sept sett oct okt nov dec dez janv fevr avr juil ene abr ago dic fev set out gen giu lug ott mrt mag mio mrd
mo mos mth mths yr yrs qtr wk wks mon mnd jr trim wo prox pross proch sem gg m v kd lt wg gem kund vsl pers
"""
ABBREVIATIONS = frozenset(_SHORTENED.split())
CUE_NAMES = {
    "contract": CONTRACT,
    "expiry": EXPIRY,
    "bound": BOUND,
    "sign": SIGN,
    "notice": NOTICE,
    "ends": ENDS,
    "starts": STARTS,
    "budget": BUDGET,
    "plan": PLAN,
    "reset": RESET,
    "call": CALL,
    "later": LATER,
    "not": NOT,
    "past": PAST,
    "block": BLOCK,
    "event": EVENT,
    "unless": UNLESS,
    "wait": WAIT,
    "back": BACK,
    "told": TOLD,
    "have": HAVE,
    "put": PUT,
    "report": REPORT,
    "chose": CHOSE,
    "only": ONLY,
    "person": PERSON,
    "article": DAY_ARTICLE,
    "missed": MISSED,
    "goes": GOES,
}

ANY_TIME = re.compile("[VCNOWMDFqjQHhLSJEYydwm[]")
"""What every expression of `mappings.facts.grammar.times` holds one of."""


def can_tell(shapes: str, any_cue: int) -> bool:
    """Whether symbols, all of whose cues are in `any_cue`, can tell of time: by a time, or as `undated` reads without.

    Most texts cannot, and need no closer look; nothing that settles double meanings makes one that can of them.
    """
    if any_cue & (WAIT | EXPIRY | CONTRACT) or ANY_TIME.search(shapes) is not None:
        return True
    if any_cue & BACK and any_cue & (CALL | LATER):
        return True
    if any_cue & (BACK | EVENT) and "A" in shapes[:2]:
        return True
    if any_cue & (BUDGET | EVENT) and "n" in shapes:
        return True
    return bool(any_cue & SIGN and any_cue & BOUND)
