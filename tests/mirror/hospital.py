"""A simple hospital that knows who is in which bed, written without the mirror. It tells it as an EHR would, message by message.

What is cancelled is undone by going back to a copy of what was before, as one would on a whiteboard.

A hospital tells its visits apart `by` visit number (PV1-19, with the account beside it), by account alone (PID-18) or by alternate
visit id alone (PV1-50); then two accounts that become one are one visit.
"""

from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise

WARDS = ("A", "B", "C")
BEDS = tuple((ward, bed) for ward in WARDS for bed in ("1", "2"))


@dataclass
class Stay:
    """One visit: `undo` holds what can be cancelled, the last first, with the state before; `account_before` names it still.

    `moved`: it had another patient, number or account once.
    """

    number: str
    patient: str
    account: str = ""
    account_before: str = ""
    status: str = "none"
    bed: tuple[str, str] = ("", "")
    away: str = ""
    pending: str = ""
    undo: list = field(default_factory=list)
    first: int = 0
    last: int = 0
    moved: bool = False


class Hospital:
    """Patients, their visits and beds. Every verb gives the message that tells it; `tag` keeps two hospitals apart."""

    def __init__(self, tag="x", people=3, by="visit"):
        self.tag = tag
        self.by = by
        self.minute = 0
        self.people = [f"{tag}{number}" for number in range(people)]
        self.stays: dict[str, Stay] = {}
        self.merged: dict[str, tuple[str, int]] = {}
        self.before_merge: dict[str, Stay] = {}
        self.mixed: set[str] = set()
        self.told: list[bytes] = []
        self.made = 0

    # ------------------------------------------------------------------------------------------ what is

    def census(self):
        """Who is in which bed, and whether they are out of it: {(ward, bed): {(patient, away)}}."""
        found = {}
        for stay in self.stays.values():
            if stay.status == "in":
                found.setdefault(stay.bed, set()).add((self.person(stay.patient), stay.away))
        return found

    def person(self, number):
        """Who a number is now."""
        while number in self.merged:
            number = self.merged[number][0]
        return number

    def free(self):
        """Beds that nobody has."""
        taken = {stay.bed for stay in self.stays.values() if stay.status in ("in", "planned")}
        return [bed for bed in BEDS if bed not in taken]

    def persons(self):
        """The numbers that stand for somebody."""
        return [one for one in self.people if one not in self.merged]

    def open_of(self, person):
        """A person's visits that are planned or under way."""
        return [one for one in self.stays.values() if self.person(one.patient) == person and one.status in ("in", "planned")]

    # ------------------------------------------------------------------------------------------ what can happen

    def choices(self):
        """Everything that may happen next: (verb, its arguments)."""
        found = [("bed_status", (bed,)) for bed in BEDS[:1]]
        free = self.free()
        for person in self.persons():
            if free:
                found += [(verb, (person, free[0])) for verb in ("admit", "register", "preadmit", "pending_admit")]
            found += [("update_person", (person,))]
            for other in self.persons():
                if other != person:
                    found += [("merge", (person, other)), ("move_number", (person, other)), ("merge_with_account", (person, other))]
            found.append(("move_master", (person,)))
        for prior, (survivor, minute) in self.merged.items():
            if self.minute == minute or (prior not in self.mixed and survivor not in self.merged):
                found.append(("unmerge", (prior,)))
        for stay in self.stays.values():
            found += self._of(stay, free)
        return found

    def _of(self, stay, free):
        found = self._of_account(stay)
        if stay.status == "planned":
            found += [("realise", (stay,))]
        if stay.status == "in" and not stay.away:
            found += [
                (verb, (stay,))
                for verb in ("discharge", "leave", "depart", "pending_discharge", "to_outpatient", "update", "delete")
            ]
            found += [("transfer", (stay, bed)) for bed in free[:2]]
            if self.open_of(self.person(stay.patient)) == [stay]:
                found += [("transfer_without_number", (stay, bed)) for bed in free[:1]]
            found += [("pending_transfer", (stay, bed)) for bed in free[:1]]
            others = [one for one in self.stays.values() if one.status == "in" and not one.away and one is not stay]
            found += [("swap", (stay, other)) for other in others[:1]]
            if self.by == "visit":
                others = [one for one in self.persons() if one != self.person(stay.patient)]
                found += [("move_visit", (stay, other)) for other in others]
                found += [("renumber", (stay,))]
        if stay.status == "in" and stay.away == "on-leave":
            found.append(("come_back", (stay,)))
        if stay.status == "in" and stay.away == "elsewhere":
            found.append(("arrive", (stay,)))
        if stay.status == "out":
            found.append(("update", (stay,)))
        if stay.undo and self._undoable(stay, free):
            found.append(("cancel", (stay,)))
        return found

    def _of_account(self, stay):
        """What can happen to a visit's account, or to its alternate id where that is the only one."""
        if self.by == "alternate":
            return [("change_alternate", (stay,))]
        person = self.person(stay.patient)
        own = [one for one in self.stays.values() if self.person(one.patient) == person and one.account != stay.account]
        found = [("merge_accounts", (stay, one, how)) for one in own[:1] if self._one_course(stay, one) for how in ("A35", "A41")]
        found.append(("change_account", (stay,)))
        if stay.account_before and stay.status == "in" and not stay.away:
            found.append(("update_late", (stay,)))
        return [*found, *(("move_account", (stay, other)) for other in self.persons() if other != person)]

    def _one_course(self, *stays):
        """Whether visits that become one make sense as one: each was over before the next began."""
        told = sorted(stays, key=lambda one: one.first)
        over = all(one.status not in ("in", "planned") and one.last < then.first for one, then in pairwise(told))
        return self.by != "account" or over

    def _of_one_account(self, stay):
        person = self.person(stay.patient)
        return [one for one in self.stays.values() if self.person(one.patient) == person and one.account == stay.account]

    def _undoable(self, stay, free):
        before = stay.undo[-1][1]
        back = before.status in ("in", "planned") and before.bed != stay.bed
        reopens = stay.status == "out" and stay.bed not in free
        return not (back and before.bed not in free) and not reopens

    # ------------------------------------------------------------------------------------------ verbs

    def admit(self, person, bed, trigger="A01", letter="I", **more):
        """A new visit."""
        self.made += 1
        stay = Stay(f"{self.tag}V{self.made}", person, f"{self.tag}A{self.made}")
        self.stays[stay.number] = stay
        return self._does(stay, trigger, letter=letter, status="in", bed=bed, **more)

    def register(self, person, bed):
        return self.admit(person, bed, "A04", "E")

    def preadmit(self, person, bed):
        self.admit(person, bed, "A05", "P", status_="planned")

    def pending_admit(self, person, bed):
        self.admit(person, bed, "A14", "P", status_="planned")

    def realise(self, stay):
        self.mixed |= set(self.merged)
        self._does(stay, "A01", status="in")

    def transfer(self, stay, bed):
        self._does(stay, "A02", bed=bed, pending="")

    def transfer_without_number(self, stay, bed):
        """As senders write who know no visit number: the patient has one open visit only."""
        self.mixed |= set(self.merged)
        self._does(stay, "A02", bed=bed, pending="", bare=True)

    def discharge(self, stay):
        self._does(stay, "A03", status="out", pending="")

    def leave(self, stay):
        self._does(stay, "A21", away="on-leave")

    def come_back(self, stay):
        self._does(stay, "A22", away="")

    def depart(self, stay):
        self._does(stay, "A09", away="elsewhere", aim=(11, "XRAY"))

    def arrive(self, stay):
        self._does(stay, "A10", away="")

    def pending_transfer(self, stay, bed):
        self._does(stay, "A15", pending="pending-transfer", aim=(42, "^".join((bed[0], "", bed[1]))))

    def pending_discharge(self, stay):
        self._does(stay, "A16", pending="pending-discharge")

    def to_outpatient(self, stay):
        """And back: from then on an A11 would cancel the A06, which no standard says, so that nobody sends it here."""
        self._does(stay, "A07", letter="O")
        self._does(stay, "A06")
        stay.undo.clear()

    def delete(self, stay):
        self._does(stay, "A23", status="deleted", pending="")
        stay.undo.clear()

    def swap(self, one, other):
        first, second = one.bed, other.bed
        one.undo.append(("A17", copy(one)))
        other.undo.append(("A17", copy(other)))
        one.bed, other.bed = second, first
        about = [part for each in (one, other) for part in (self._pid(each.patient, each.account), self._pv1(each))]
        self._tell("A17", *about)

    def update(self, stay):
        """An update that repeats what is known."""
        self._tell("A08", self._pid(stay.patient, stay.account), self._pv1(stay))

    def update_person(self, person):
        self._tell("A31", self._pid(person))

    def bed_status(self, bed):
        self._tell("A20", f"NPU|{bed[0]}^^{bed[1]}|H")

    CANCELLED_BY = {
        "A01": "A11", "A04": "A11", "A02": "A12", "A17": "A12", "A03": "A13", "A05": "A38", "A14": "A27", "A15": "A26",
        "A16": "A25", "A21": "A52", "A22": "A53", "A09": "A33", "A10": "A32",
    }  # fmt: skip

    def cancel(self, stay):
        """The last thing that can be cancelled is undone; the message repeats the place of before, as most senders do."""
        trigger, before = stay.undo.pop()
        stay.last = self.minute + 1
        stay.status, stay.bed, stay.away, stay.pending = before.status, before.bed, before.away, before.pending
        if stay.status == "none":
            stay.status = "cancelled"
        self._tell(self.CANCELLED_BY[trigger], self._pid(stay.patient, stay.account), self._pv1(stay))

    def merge(self, prior, survivor, trigger="A40", more=""):
        self._tell(trigger, self._pid(survivor) + more, f"MRG|{prior}^^^H^MR")
        self.before_merge = {}
        self._joins(prior, survivor)

    def _joins(self, prior, survivor):
        self.merged[prior] = (survivor, self.minute)
        whose = self.person(survivor)
        if any(stay.moved for stay in self.stays.values() if self.person(stay.patient) == whose):
            self.mixed |= set(self.merged)
        else:
            self.mixed.discard(prior)

    def move_number(self, prior, survivor):
        """A43 that gives the number a new name under the person to whom it goes."""
        self.merge(prior, survivor, "A43")

    def move_master(self, person):
        """A43 as it usually is: the number stays what it is, and belongs to another person's master record."""
        self._tell("A43", self._pid(person).replace("PID|1|", f"PID|1|M{self.minute}"), f"MRG|{self.person(person)}^^^H^MR|||M0")

    def merge_with_account(self, prior, survivor):
        """A36: the patients, and an account of each, are one."""
        mine, theirs = ([one for one in self.stays.values() if self.person(one.patient) == each] for each in (prior, survivor))
        if self.by == "alternate" or not (mine and theirs and self._one_course(mine[0], theirs[0])):
            self.merge(prior, survivor)
            return
        gone, kept = mine[0].account, theirs[0].account
        before = {number: copy(stay) for number, stay in self.stays.items()}
        self._tell("A36", self._pid(survivor, kept), f"MRG|{prior}^^^H^MR||{gone}")
        self._joins(prior, survivor)
        self.mixed.add(prior)
        self._are_one(self._of_one_account(mine[0]), theirs[0])
        self.before_merge = before

    def unmerge(self, prior):
        """Who were merged are two again, at once or later; each has the visits that were theirs, wherever these are by now."""
        survivor, minute = self.merged.pop(prior)
        self.stays = (self.before_merge if self.minute == minute else {}) or self.stays
        self._tell("A37", self._pid(survivor), self._pid(prior))

    def merge_accounts(self, stay, other, trigger):
        """A35, A41: what was filed under two accounts of one patient is filed under one."""
        self._tell(trigger, self._pid(stay.patient, other.account), f"MRG|{self.person(stay.patient)}^^^H^MR||{stay.account}")
        self._are_one(self._of_one_account(stay), other)

    def _are_one(self, moved, other):
        """Visits of an account of another name; where only the account tells visits apart they are one, as the newest is."""
        for one in moved:
            one.account_before, one.account, one.moved = one.account, other.account, True
        if self.by == "account":
            same = self._of_one_account(other)
            kept = max(same, key=lambda one: one.first)
            kept.undo.clear()
            self.stays = {number: one for number, one in self.stays.items() if one not in same or one is kept}

    def change_account(self, stay):
        """A49: the account has another number."""
        before = stay.account
        self.made += 1
        for one in self._of_one_account(stay):
            one.account_before, one.account, one.moved = before, f"{self.tag}A{self.made}", True
        self._tell("A49", self._pid(stay.patient, stay.account), f"MRG|{self.person(stay.patient)}^^^H^MR||{before}")

    def move_account(self, stay, person):
        """A44: the account was another patient's, with all its visits."""
        before = self.person(stay.patient)
        for one in self._of_one_account(stay):
            one.patient, one.account_before, one.moved = person, "", True
        self._tell("A44", self._pid(person, stay.account), f"MRG|{before}^^^H^MR||{stay.account}")

    def change_alternate(self, stay):
        """A51: the visit has another alternate id."""
        before = stay.account
        self.made += 1
        stay.account, stay.moved = f"{self.tag}A{self.made}", True
        self._tell("A51", self._pid(stay.patient), f"MRG|{self.person(stay.patient)}^^^H^MR|||||{before}", self._pv1(stay))

    def update_late(self, stay):
        """An update by somebody who has not heard yet of the account's new number."""
        self._tell("A08", self._pid(stay.patient, stay.account_before), self._pv1(stay))

    def move_visit(self, stay, person):
        """A45: the visit was another patient's."""
        before = self.person(stay.patient)
        stay.patient, stay.moved = person, True
        self._tell("A45", self._pid(person, stay.account), f"MRG|{before}^^^H^MR||||{stay.number}", self._pv1(stay))

    def renumber(self, stay):
        """A50: the visit has another number."""
        before = stay.number
        self.made += 1
        stay.number, stay.moved = f"{self.tag}V{self.made}", True
        self.stays[stay.number] = self.stays.pop(before)
        self._tell(
            "A50", self._pid(stay.patient, stay.account), f"MRG|{self.person(stay.patient)}^^^H^MR||||{before}", self._pv1(stay)
        )

    # ------------------------------------------------------------------------------------------ telling

    def _does(self, stay, trigger, *, letter="I", aim=None, status_="", bare=False, **changes):
        if trigger in self.CANCELLED_BY:
            stay.undo.append((trigger, copy(stay)))
        for name, value in (changes | ({"status": status_} if status_ else {})).items():
            setattr(stay, name, value)
        stay.first, stay.last = stay.first or self.minute + 1, self.minute + 1
        visit = self._pv1(stay, letter, aim)
        self._tell(trigger, self._pid(stay.patient, stay.account), visit.replace(f"|{stay.number}", "|") if bare else visit)
        return stay

    def _pid(self, number, account=""):
        shown = account if self.by != "alternate" else ""
        return f"PID|1||{self.person(number)}^^^H^MR||NAME^{number}||19500101|F||||||||||{shown}".rstrip("|")

    def _pv1(self, stay, letter="I", aim=None):
        fields = ["PV1", "1", letter, f"{stay.bed[0]}^^{stay.bed[1]}"] + [""] * 47
        fields[19] = stay.number if self.by == "visit" else ""
        fields[50] = stay.account if self.by == "alternate" else ""
        if aim:
            fields[aim[0]] = aim[1]
        return "|".join(fields).rstrip("|")

    # After these, or a move that names no visit, nobody can tell any more what was whose before a merge.
    MIXING = frozenset(("A35", "A36", "A41", "A44", "A45", "A49", "A50", "A51"))

    def _tell(self, trigger, *segments):
        self.minute += 1
        if trigger in self.MIXING:
            self.mixed |= set(self.merged)
        sent = f"20260113{1 + self.minute // 60:02d}{self.minute % 60:02d}00"
        head = f"MSH|^~\\&|EHR|H|DT|H|{sent}||ADT^{trigger}|{self.tag}-{self.minute}|P|2.5\rEVN|{trigger}|{sent}\r"
        self.told.append((head + "\r".join(segments) + "\r").encode())
