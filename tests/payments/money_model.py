"""The money of one payer in plain Python, to hold the system against: who is due what, what the lists hold,
what the bank paid. It knows nothing of the system but its rules (`docs/decisions/0006-money.md`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal

from common.clock import add_months

FEN, NEVER = Decimal("0.01"), date(2100, 1, 1)
MONTHS = [add_months(date(2026, 3, 1), n) for n in range(12)]
FIX = {"regular": "correction", "care": "care_fix"}
OPEN = ("prepared", "checked")
PART = {fix: part for part, fix in FIX.items()} | {part: part for part in FIX}
# A line: person, the month it is for, its kind. Its worth: the number of the revision, and yuan.
Key = tuple[int, date, str]
Lines = dict[Key, tuple[int, Decimal]]


@dataclass
class Listed:
    """A month's list; `bank` is how the last attempt to pay each of its lines went."""

    lines: Lines
    state: str = "prepared"
    bank: dict[Key, str] = field(default_factory=dict)


class Money:
    """Each method of the same name as an action answers whether it may be done, and does it."""

    def __init__(self) -> None:
        self.due: dict[tuple[int, date], tuple[int, dict[str, Decimal]]] = {}
        self.starts: dict[int, date] = {}
        self.begun: dict[int, date] = {}
        self.ends: dict[int, date] = {}
        self.lists: dict[date, Listed] = {}
        self.cared: set[int] = set()
        self.n_revisions = 0

    def open(self, person: int, month: date, parts: dict[str, Decimal]) -> bool:
        self.starts[person], self.ends[person] = month, NEVER
        if parts.get("care"):
            self.cared.add(person)
        return self._set(person, month, parts)

    def revise(self, person: int, month: date, parts: dict[str, Decimal]) -> bool:
        """A revision decided earlier that begins later is replaced from its own beginning on."""
        has_payee = person in self.cared or not parts.get("care")
        may = month < self.ends[person] and has_payee
        return may and self._set(person, max(month, self.begun[person]), parts)

    def _set(self, person: int, begun: date, parts: dict[str, Decimal]) -> bool:
        self.begun[person], self.n_revisions = begun, self.n_revisions + 1
        for month in MONTHS:
            if begun <= month < self.ends[person]:
                self.due[person, month] = self.n_revisions, parts
        return True

    def end(self, person: int, month: date) -> bool:
        self.ends[person] = min(self.ends[person], max(month, self.starts[person]))
        for owed in [key for key in self.due if key[0] == person and key[1] >= self.ends[person]]:
            del self.due[owed]
        return True

    def wanted(self, month: date) -> Lines:
        """What the list of a month should hold: its own month, arrears of closed months, corrections."""
        wanted: Lines = {}
        back: list[tuple[Key, int, Decimal]] = []
        closed = [m for m, listed in self.lists.items() if m < month and listed.state not in OPEN]
        for m in sorted({month, *closed}):
            for person in self.starts:
                revision, parts = self.due.get((person, m), (0, {}))
                for part, amount in parts.items():
                    held = self._held_elsewhere(person, m, part, month)
                    less = amount - sum(yuan for _, yuan in held)
                    if not held and amount:
                        wanted[person, m, part] = revision, amount
                    elif held and all(state not in OPEN for state, _ in held) and m != month and less:
                        if less > 0:
                            wanted[person, m, FIX[part]] = revision, less
                        else:
                            back.append(((person, m, part), revision, -less))
        return wanted | self._taken_back(wanted, back, month)

    def _held_elsewhere(self, person: int, month: date, part: str, but: date) -> list[tuple[str, Decimal]]:
        """State and yuan of the lines for a month and part in all lists but one."""
        keys = [(person, month, part), (person, month, FIX[part])]
        others = [listed for m, listed in self.lists.items() if m != but]
        return [(one.state, one.lines[key][1]) for one in others for key in keys if key in one.lines]

    def _taken_back(self, wanted: Lines, back: list[tuple[Key, int, Decimal]], month: date) -> Lines:
        """Oldest month first, together no more than half of the part's line of this month."""
        taken: Lines = {}
        left: dict[tuple[int, str], Decimal] = {}
        for (person, m, part), revision, owed in back:
            most = wanted.get((person, month, part), (0, Decimal(0)))[1] / 2
            room = left.setdefault((person, part), most.quantize(FEN, ROUND_DOWN))
            if room > 0:
                taken[person, m, FIX[part]] = revision, -min(owed, room)
                left[person, part] = room - min(owed, room)
        return taken

    def prepare(self, month: date) -> bool:
        wanted = self.wanted(month)
        if month not in self.lists:
            if wanted:
                self.lists[month] = Listed(wanted)
            return bool(wanted)
        listed = self.lists[month]
        if listed.state == "prepared":
            listed.lines = wanted
        return listed.state == "prepared"

    def check(self, month: date) -> bool:
        """New arrears do not hold a list up: they follow with the next one."""
        listed, wanted = self.lists.get(month), self.wanted(month)
        lacks = [key for key in wanted if key not in lines_of(listed)]
        missing = [key for key in lacks if key[1] == month or key[2] not in FIX]
        return not missing and not self.stale(month) and self._go(month, "prepared", "checked")

    def give_back(self, month: date) -> bool:
        return self._go(month, "checked", "prepared")

    def seal(self, month: date) -> bool:
        return not self.stale(month) and self._go(month, "checked", "sealed")

    def stale(self, month: date) -> list[Key]:
        wanted, lines = self.wanted(month), lines_of(self.lists.get(month))
        return [key for key, worth in lines.items() if wanted.get(key) != worth]

    def _go(self, month: date, before: str, after: str) -> bool:
        listed = self.lists.get(month)
        may = listed is not None and listed.state == before and bool(listed.lines)
        if may:
            listed.state = after
        return may

    def send(self, month: date) -> bool:
        may = self._go(month, "sealed", "sent")
        if may:
            listed = self.lists[month]
            listed.bank = {key: "pending" for key, (_, yuan) in listed.lines.items() if yuan > 0}
        return may

    def answer(self, month: date, failed: set[Key]) -> bool:
        listed = self.lists.get(month)
        pending = [key for key, result in listed.bank.items() if result == "pending"] if listed else []
        for key in pending:
            listed.bank[key] = "failed" if key in failed else "paid"
        if pending and set(listed.bank.values()) == {"paid"}:
            listed.state = "settled"
        return bool(pending)

    def pay_again(self, month: date) -> bool:
        listed = self.lists.get(month)
        failed = [key for key, result in listed.bank.items() if result == "failed"] if listed else []
        for key in failed:
            listed.bank[key] = "pending"
        return bool(failed)

    def to_bank(self, month: date, key: Key) -> Decimal:
        """A positive line; what is taken back comes off the line of the month itself."""
        lines = self.lists[month].lines
        off = [
            yuan
            for (person, _, kind), (_, yuan) in lines.items()
            if yuan < 0 and (person, PART[kind]) == (key[0], key[2])
        ]
        return lines[key][1] + (sum(off) if key[1] == month else 0)

    def books(self) -> dict[str, Decimal]:
        """Where the money of all sealed lists stands."""
        shut = {month: listed for month, listed in self.lists.items() if listed.state not in OPEN}
        total = sum((yuan for one in shut.values() for _, yuan in one.lines.values()), Decimal(0))
        at = {"pending": Decimal(0), "paid": Decimal(0), "failed": Decimal(0)}
        for month, listed in shut.items():
            for key, result in listed.bank.items():
                at[result] += self.to_bank(month, key)
        books = {"budget": -total, "in_bank": at["pending"], "paid": at["paid"]}
        return books | {"payable": total - at["pending"] - at["paid"]}


def lines_of(listed: Listed | None) -> Lines:
    return listed.lines if listed is not None else {}
