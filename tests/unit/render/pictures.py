"""The pictures that are kept as golden images: everyday ones and the worst a person can cause."""

from __future__ import annotations

from dataclasses import replace

from dbsbm.render.views import (
    BoardRow,
    BoardView,
    LegView,
    MovementView,
    PanelView,
    RecapRow,
    RecapView,
    SlipView,
    StatsView,
)

LEG = LegView("NFL", "Chiefs −3", "Spread", "Chiefs @ Raiders", "Sun 8:20 PM ET", "−110")
OPEN = SlipView(
    *("Sharp Steve 🔥", "Straight", (LEG,), "−110", "2u", "1.82u", "Sun 1:02 PM ET", "#01j8zq7k3m2ab"),
    state="OPEN",
    title="",
    headings=("RISK", "TO WIN", "PROFIT"),
)
WON = replace(OPEN, grade="won", state="WON", profit="+1.82u", rule="27–20 final · spread covered by 4")
PARLAY = replace(
    OPEN,
    ticket="Parlay",
    odds="+1123",
    grade="lost",
    state="LOST",
    title="4 legs",
    profit="−2u",
    legs=(
        replace(LEG, grade="won"),
        replace(LEG, pick="Over 47.5", market="Total", odds="−105", grade="lost"),
        replace(LEG, pick="Bills ML", market="Moneyline", odds="+135"),
        replace(LEG, pick="Luton −0.25", market="Asian handicap", odds="1.96", grade="half_won"),
    ),
)
LONG_PICK = replace(
    OPEN, draft=True, state="PREVIEW", legs=(replace(LEG, pick="Borussia Mönchengladbach draw no bet first half"),)
)
HUGE = replace(
    OPEN,
    grade="half_lost",
    state="HALF LOST",
    profit="−12345.678901u",
    risk="10.123456u",
    to_win="12345.678901u",
    rule="Abandoned before 55 min → void",
)
WORST = replace(
    OPEN,
    capper="Ünïcøde " * 5 + "👨‍👩‍👧🇺🇸",
    ticket="Parlay",
    title="15 legs",
    odds="+123456",
    risk="10.123456u",
    to_win="12345.678901u",
    legs=tuple(
        replace(LEG, pick="Borussia Mönchengladbach −0.25 half time/full time 🏈", matchup="مرحبا بالعالم @ שלום 日本")
        for _ in range(15)
    ),
)
SURE = StatsView(
    "Sharp Steve 🔥",
    "All time",
    "34–22–4",
    "+12.41u",
    "+10.3 %",
    "60.7 %",
    "W3",
    "120.5u",
    "60 graded bets",
    ("RECORD", "ROI", "WIN RATE", "RISKED", "STREAK"),
    "Last results",
    "The curve begins with the second graded bet.",
    (
        *(("won", "W"), ("lost", "L"), ("push", "P"), ("half_won", "½"), ("void", "V"), ("half_lost", "½")),
        *(("won", "W"), ("won", "W"), ("lost", "L"), ("won", "W"), ("won", "W"), ("won", "W")),
    ),
    (0.0, 0.91, -0.09, 0.82, 1.73, 0.73, 1.93, 3.13, 2.13, 3.04, 4.24, 3.24, 4.15, 5.35, 4.35, 12.41),
)
NEW = replace(
    SURE,
    record="0–0–0",
    units="0u",
    roi="—",
    win_rate="—",
    streak="—",
    risked="0u",
    bets="0 graded bets",
    form=(),
    curve=(),
)
DEEP = replace(
    SURE,
    capper="Ünïcøde " * 8,
    units="−1234.567891u",
    roi="−100.0 %",
    record="1234–1000–12",
    form=(("lost", "L"),),
    curve=(0.0, -5.0, -3.0, -12.0),
)
MOVED = MovementView(
    "Chiefs @ Raiders",
    "NFL",
    "Sun Sep 13 8:20 PM EDT",
    "Wed Sep 9 8:00 AM EDT",
    "Sun Sep 13 6:10 PM EDT",
    (
        PanelView("Spread · Raiders", "+2.5", "+3.5", ((0, 10), (0.2, 12), (0.5, 10), (0.7, 12), (0.9, 14))),
        PanelView("Total", "44.5", "44.5", ((0, 178),)),
        PanelView("Moneyline · Raiders", "+130", "+148", ((0, 2.3), (0.05, 2.35), (0.4, 2.31), (0.8, 2.48))),
    ),
)
ONE_MARKET = replace(MOVED, matchup="Wolverhampton Wanderers v Brighton and Hove Albion", panels=MOVED.panels[:1])
EVENING = RecapView(
    "Daily recap",
    "Sunday, September 13",
    "12–8–1",
    "+6.42u",
    "+11.3%",
    ("W–L–P", "UNITS", "ROI"),
    (
        RecapRow("Ann the Sharp", "5–2–0", "+4.1u", "+24.4%"),
        RecapRow("Sharp Steve 🔥", "4–2–1", "+3.05u", "+16.1%"),
        RecapRow("Queen Bea", "2–2–0", "0u", "0.0%"),
        RecapRow("Bob", "1–2–0", "−0.73u", "−18.9%"),
    ),
)
LONG_WEEK = replace(
    EVENING,
    title="Weekly recap of Sharp Side",
    period="September 28 – October 4",
    record="1234.5–1000–12",
    units="−12345.68u",
    roi="−100.0%",
    rows=tuple(RecapRow("Ünïcøde " * 8, "1234.5–1000–12", "−12345.68u", "−100.0%") for _ in range(10)),
    note="… and 14 more",
)
BOARD = BoardView(
    *("Leaderboard", "This season · NFL"),
    headings=("RECORD", "UNITS", "ROI", "SHRUNK", "FLAT"),
    rows=tuple(
        BoardRow(str(place), name, "61–48–3", units, roi, rating, flat)
        for place, (name, units, roi, rating, flat) in enumerate(
            (
                ("Sharp Steve", "+31.25u", "+12.4%", "+3.1%", "+9.12u"),
                ("Ann", "+9u", "+4%", "+1.2%", "+3u"),
                ("A capper whose name is thirty-two", "+12345.67u", "+999.9%", "+99.9%", "+1234.5u"),
                ("Даниил", "0u", "0%", "−1.8%", "0u"),
                ("محمد", "−0.5u", "−0.4%", "−2%", "−0.2u"),
                *((f"Capper {number}", "−12.5u", "−9.1%", "−5.5%", "−4.25u") for number in range(6, 11)),
            ),
            1,
        )
    ),
    empty="",
    note="Pre-game priced bets · at least 20 graded · shrunk towards −4.5 %",
)
NAMES = (
    *("北京国安 @ 上海海港", "阪神タイガース @ ヤクルト", "두산 베어스 @ 롯데 자이언츠"),
    *("บุรีรัมย์ @ เมืองทอง", "मुंबई @ चेन्नई"),
)
SCRIPTS = replace(
    PARLAY,
    capper="田中 さくら 김민준 สมชาย अमित",
    title="5 legs",
    grade="",
    state="OPEN",
    profit="",
    rule="",
    legs=tuple(replace(LEG, pick=f"{name.partition(' @')[0]} −3", matchup=name) for name in NAMES),
)
PICTURES: dict[str, tuple[str, SlipView | StatsView | MovementView | RecapView | BoardView]] = {
    "slip_open": ("slip", OPEN),
    "slip_won": ("slip", WON),
    "slip_parlay": ("slip", PARLAY),
    "slip_long_pick": ("slip", LONG_PICK),
    "slip_huge_amounts": ("slip", HUGE),
    "slip_worst": ("slip", WORST),
    "slip_scripts": ("slip", SCRIPTS),
    "stats": ("stats", SURE),
    "stats_new_capper": ("stats", NEW),
    "stats_deep_loss": ("stats", DEEP),
    "movement": ("movement", MOVED),
    "movement_one_market": ("movement", ONE_MARKET),
    "board": ("board", BOARD),
    "recap": ("recap", EVENING),
    "recap_long": ("recap", LONG_WEEK),
}
