"""One office with something of everything in it, built once for many requests.

Every object is made by the real services; `WORLD.objects` names each with the arguments of its address.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import time_machine
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client, override_settings

from approvals.adjustments.services import (
    propose,
    return_drafts,
    start_what_if,
    work_on_what_if,
)
from approvals.changing.enums import ChangeState as Change
from approvals.documents.batches import order_documents
from approvals.documents.casefile import order_case_file
from approvals.documents.service import make_document
from approvals.documents.tasks import bind_case_file, draw_document_batch
from approvals.enums import DocumentKind
from approvals.models import Deadline
from approvals.recovering.enums import RecoveryState as Recovering
from approvals.services import move
from approvals.serving.enums import Event
from approvals.settling.declarations import Award
from approvals.settling.enums import Body
from approvals.settling.records import settlement_of
from approvals.settling.services import file, record_appraisal
from approvals.standing import refresh_standing
from cases import services as cases
from cases.declarations import VisitEntry
from cases.enums import ApplicationState as State
from cases.enums import AttachmentKind, Dimension, Programme
from cases.models import Application
from common import clock
from organisations.enums import Post
from organisations.models import AccountEvent, Area, PersonalDataRead, Population, User
from organisations.services import appoint, log_personal_data_read
from organisations.tokens import issue_token
from payments.demo_bank import answer_to
from payments.enums import CareFinding
from payments.models import Benefit, Certificate
from payments.services import (
    allocate_funds,
    ask_for_funds,
    confirm_answer,
    confirm_figure,
    file_proxy,
    keep_receipt,
    prepare_payout,
    record_care_visit,
    record_later_agreement,
    upload_answer,
)
from policy.models import CalendarDay, CalendarYear, Clause, Document, Rule
from publicity.enums import ObjectionSource
from publicity.queries import running_notice
from publicity.services import add_photo, record_objection
from supervision.services import answer_finding
from tests.adjustments.builders import Ground, changed, drafted, receiving, standard
from tests.approvals.builders import Office, _photo, build_office, case_in, take
from tests.cases.builders import (
    Places,
    count_rule,
    flag_rule,
    linshi_entry,
    member_line,
    months_rule,
    next_id,
    person_with,
    photo,
)
from tests.changing.builders import Desk, entry
from tests.conferring.builders import case_entry, conferred
from tests.conftest import BEIJING
from tests.payments import hand_over_builders as hand
from tests.payments.builders import Payer, benefit, granted, sent, tekun
from tests.payments.price_builders import entered as entered_figure
from tests.payments.price_builders import household
from tests.rechecking.builders import asked, rechecked
from tests.recovering.builders import Desk as RecoveryDesk
from tests.relief.builders import Relief, agreed, fill_reserve, registered
from tests.relief.builders import paid as relief_paid
from tests.serving.builders import attempt, refusal_of, scan
from tests.settling.builders import (
    SEVERE_FACTS,
    Settling,
    appraisal_entry,
    appraise,
    approve,
    determine,
    meeting,
)
from tests.supervision.builders import decided, found, run_of

TOWN_POSTS = {
    "handler": Post.HANDLER,
    "reviewer": Post.REVIEWER,
    "approver": Post.APPROVER,
    "discipline": Post.DISCIPLINE,
    "town_payments": Post.TOWN_PAYMENTS,
}
COUNTY_POSTS = {
    "auditor": Post.AUDITOR,
    "district_payments": Post.DISTRICT_PAYMENTS,
    "district_finance": Post.DISTRICT_FINANCE,
    "partner": Post.PARTNER,
    "rule_writer": Post.RULE_WRITER,
    "rule_publisher": Post.RULE_PUBLISHER,
    "administrator": Post.ADMINISTRATOR,
}
ROLES = ("helper", *TOWN_POSTS, *COUNTY_POSTS, "nobody")


@dataclass
class World:
    """`people`, those of the next village or township, those of another county; and the objects."""

    people: dict[str, User]
    neighbours: dict[str, User]
    strangers: dict[str, User]
    objects: dict[str, tuple]
    data: dict[str, dict]


def _people(village: Area, county: Area, *, label: str) -> dict[str, User]:
    town = village.parent
    people = {"helper": person_with(Post.VILLAGE_HELPER, village, username=f"{label}-helper")}
    for role, post in TOWN_POSTS.items():
        people[role] = person_with(post, town, username=f"{label}-{role}")
    for role, post in COUNTY_POSTS.items():
        people[role] = _appointed(post, county, f"{label}-{role}")
    return people


def _appointed(post: Post, area: Area, username: str) -> User:
    user = User.objects.create_user(username, name=username)
    department = "教育局" if post == Post.PARTNER else ""
    since = dt.date(2015, 1, 1)
    appoint(user=user, post=post, area=area, valid_from=since, department=department, actor=None)
    return user


def _everybody(places: Places) -> tuple[dict, dict, dict]:
    here = _people(places.village, places.county, label="here")
    here["nobody"] = User.objects.create_user("here-nobody", name="未任职")
    next_door = _people(places.other_township_village, places.county, label="next")
    # A helper's neighbour sits in the same township.
    next_door["helper"] = person_with(Post.VILLAGE_HELPER, places.other_village, username="next-village")
    far = _people(places.other_county_village, places.other_county, label="far")
    return here, {role: next_door[role] for role in ("helper", *TOWN_POSTS)}, far


def _cases(office, clock: time_machine.Coordinates, text: str) -> dict[str, Application]:
    values = {"address": text, "statement": text, "payee_name": text, "payee_bank": text} if text else {}

    def walked_to(state: State) -> Application:
        members = (member_line(name=text, wage="500.00"),) if text else ()
        return case_in(state, office=office, clock=clock, members=members, **values)

    made = {
        state.value: walked_to(state)
        for state in (
            State.DRAFT,
            State.SUBMITTED,
            State.ACCEPTED,
            State.CHECKING,
            State.VISITING,
            State.REVIEWING,
            State.SETTLING,
            State.PUBLISHED,
        )
    }
    made["disputed"] = walked_to(State.PUBLISHED)
    made["refused"] = walked_to(State.REVIEWING)
    take(made["refused"], "disagree", office, "reviewer")
    take(made["refused"], "refuse", office, "approver")
    values |= {"programme": Programme.TEKUN}
    made["tekun"] = walked_to(State.VISITING)
    values |= {"programme": Programme.LINSHI}
    made["aid"] = walked_to(State.REVIEWING)
    values |= {"linshi": linshi_entry(kind="emergency", cause="accident", note=text)}
    made["urgent"] = walked_to(State.ACCEPTED)
    for transition in ("skip_check", "finish_visit"):
        take(made["urgent"], transition, office, "handler")
    upload = SimpleUploadedFile("a.jpg", _photo(), content_type="image/jpeg")
    made["attachment"] = cases.add_attachment(
        application=made["draft"], kind=AttachmentKind.VISIT_PHOTO, upload=upload, actor=office.handler
    )
    entry = VisitEntry(
        visited_at=clock_now(),
        second_visitor_name="郑同志",
        present_member_id=made["visiting"].applicant.pk,
        signed=True,
        conclusion=text or "情况属实。",
        findings={dimension: ("一般", "") for dimension in Dimension},
    )
    cases.record_visit(application=made["visiting"], entry=entry, actor=office.handler)
    return made


def _settling(office: Office, clock: time_machine.Coordinates, text: str) -> dict[str, tuple]:
    """一事一议 that was appraised, determined and filed with the district."""
    application = case_in(State.SETTLING, office=office, clock=clock)
    settlement = settlement_of(application)
    said = {"opinions": text, "minutes": text, "place": text[:100], "chair": text[:60]} if text else {}
    record_appraisal(application=application, entry=appraisal_entry(**said), actor=office.handler)
    move(
        application_id=application.pk,
        transition="settle",
        actor=office.reviewer,
        opinion=text or "情况属实。",
        meeting=meeting(),
        award=Award((str(application.applicant.pk),), Decimal("500.00")),
    )
    body = {"code": "district", "label": "区民政局"}
    Rule.objects.create(
        area=office.places.county,
        key="filing.case_by_case.bodies",
        value=json.dumps([body], ensure_ascii=False),
        valid_from=dt.date(2020, 1, 1),
        document=Document.objects.first(),
        loaded_from="tests",
        published_at=clock_now(),
    )
    filing = file(settlement=settlement, body=Body.DISTRICT, remark=text, actor=office.handler)
    return {"settlement": (settlement.pk,), "filing": (filing.pk,)}


def _recheck(office: Office, held: Benefit, text: str) -> dict[str, tuple]:
    """A benefit whose means were looked at again, as an ordinary one."""
    said = {"report_number": text[:60], "finding": text} if text else {}
    return {"recheck": (rechecked(office, held, "100.00", **said).pk,)}


def _renewal(office: Office, clock: time_machine.Coordinates, text: str) -> dict[str, tuple]:
    """一事一议 in force of which a renewal was asked for: in 洞头, with a validity as short as that."""
    months_rule(office.places.county, "validity.case_by_case", 1)
    place = Settling(office, office.approver, office.approver, "severe", SEVERE_FACTS)
    settlement = settlement_of(case_in(State.SETTLING, office=office, clock=clock))
    appraise(place, settlement)
    application = determine(place, settlement, transition="settle", monthly="500.00")
    clock.shift(dt.timedelta(days=9))
    move(application_id=application.pk, transition="close_notice", actor=None)
    approve(place, application)
    # Everything else in this world is looked at on its first day.
    clock.shift(dt.timedelta(days=-9))
    settlement.refresh_from_db()
    said = {"report_number": text[:60], "finding": text, "facts": {"who": text}} if text else {}
    return {"renewable": (settlement.pk,), "renewal_check": (asked(place, settlement, **said).pk,)}


def _joint(office: Office, text: str) -> dict[str, tuple]:
    """A case that a joint meeting decided, and one that waits for the next."""
    county = office.places.county
    flag_rule(county, "meeting.joint.required")
    count_rule(county, "meeting.joint.min_people", 3)
    for_now, later = (case_in(State.REVIEWING, office=office) for _ in range(2))
    for application in (for_now, later):
        take(application, "disagree", office, "reviewer")
    said = {"place": text[:100], "minutes": text} if text else {}
    held = conferred(office, case_entry(for_now, "refused", **({"opinion": text} if text else {})), **said)
    return {"joint_meeting": (held.pk,)}


def clock_now() -> dt.datetime:
    return dt.datetime.now(BEIJING)


def _money(places: Places, text: str) -> dict[str, tuple]:
    """A batch that has gone to the bank, with an answer booked and one only looked at."""
    payer = Payer(
        places,
        places.township,
        (places.village,),
        person_with(Post.TOWN_PAYMENTS, places.township),
        person_with(Post.TOWN_PAYMENTS, places.township),
        person_with(Post.APPROVER, places.township),
    )
    paid = [
        benefit(places.village, amount, name=text or "林大山", number=f"DT-2026-80000{n}")
        for n, amount in enumerate(("585.00", "1085.00"))
    ]
    file = sent(payer)
    file.refresh_from_db()
    today = clock_now().date()
    whole = answer_to(file, paid_on=today, failures={2: "账户销户"})
    head, first, second = whole.split(b"\r\n")[:3]
    stray = first.replace(b"585.00", b"999.00")
    booked = upload_answer(
        bank_file=file, upload=BytesIO(b"\r\n".join([head, second, stray, b""])), actor=payer.clerk
    )
    confirm_answer(answer=booked, actor=payer.clerk)
    looked_at = upload_answer(
        bank_file=file, upload=BytesIO(b"\r\n".join([head, first, b""])), actor=payer.clerk
    )
    grant = granted(places.village, "900.00", name=text or "林大山", number="LS-2026-800001")
    listed = prepare_payout(instalments=[grant.instalments.get().pk], actor=payer.clerk)
    granted(places.village, "100.00", name=text or "林大山", number="LS-2026-800002")
    return {
        "grant": (grant.pk,),
        "payout_list": (listed.pk,),
        "payout_line": (listed.payments.get().pk,),
        **_funds(payer, text),
        **_hand_overs(places, text),
        "batch": (file.batch_id,),
        "bank_file": (file.pk,),
        "bank_file_csv": (file.pk, "csv"),
        "month_csv": ("csv",),
        "gap": ("care",),
        "answer": (looked_at.pk,),
        "unknown": (booked.unknown.get().pk,),
        "benefit": (paid[0].pk,),
        "certificate": (_certificate(places, paid[0]).pk,),
        **_care(places, text),
    }


def _funds(payer: Payer, text: str) -> dict[str, tuple]:
    """Money in hand, and more of it asked for."""
    asking = {"area": payer.area, "purpose": "linshi", "kind": "top_up", "actor": payer.clerk}
    asked = [
        ask_for_funds(amount=Decimal(amount), reason=text or "备用金不足", **asking)
        for amount in ("8000.00", "5000.00")
    ]
    move = allocate_funds(
        request=asked[0], actor=person_with(Post.DISTRICT_FINANCE, payer.places.county), remark=text
    )
    return {"fund": (move.fund_id,), "fund_request": (asked[1].pk,)}


def _hand_overs(places: Places, text: str) -> dict[str, tuple]:
    """An instalment on each step towards the hand: nothing asked, asked, approved, given, and signed for."""
    desk = hand.desk_in(places.village)
    parts = [
        granted(places.village, "20.00", name=text or "林大山", number=f"LS-2026-80001{n}").instalments.get()
        for n in range(5)
    ]
    said = {"reason": text[:200]} if text else {}
    hand.asked(desk, parts[1], **said)
    hand.approved(desk, parts[2], **said)
    for part in parts[3:]:
        given = hand.give(
            desk,
            hand.approved(desk, part, **said),
            day=clock_now().date(),
            # Another name than that of the person, or it would not be a proxy.
            received_by=f"{text}子"[-60:] if text else "林小山",
            proxy_relation=(text or "儿子")[:60],
        )
    upload = SimpleUploadedFile("a.jpg", _photo(), content_type="image/jpeg")
    keep_receipt(hand_over=given, upload=upload, actor=desk.handler)
    names = ("hand_none", "hand_asked", "hand_approved", "hand_given", "hand_signed")
    return {name: (part.pk,) for name, part in zip(names, parts, strict=True)}


def _care(places: Places, text: str) -> dict[str, tuple]:
    """Somebody in 分散供养 whose carer is gone, with another agreement that waits to be confirmed."""
    handler = person_with(Post.HANDLER, places.township)
    held = tekun(places.village, name=text or "林大山", number="TK-2026-800001")
    said = text or "照料人外出务工"
    visit = {"visited_on": held.starts_on, "visitor": (text or "周走访")[:60], "finding": CareFinding.ENDED}
    record_care_visit(benefit=held, note=said, actor=handler, **visit)
    later = record_later_agreement(
        benefit=held,
        carer=(text or "吴照料")[:100],
        contact="",
        visitor=visit["visitor"],
        signed_on=held.starts_on,
        reason=said,
        scan=scan(),
        actor=handler,
    )
    proxy = file_proxy(
        application=held.application,
        holder_name=f"代{text or '领'}"[:60],
        holder_id_number=next_id(),
        relation="relative",
        reason=said,
        valid_from=held.starts_on,
        valid_until=held.starts_on.replace(year=held.starts_on.year + 1),
        file=photo(),
        actor=handler,
    )
    return {
        "cared_for": (held.pk,),
        "later_agreement": (later.pk,),
        "proxy": (proxy.pk,),
        "proxy_case": (held.application_id,),
    }


def _certificate(places: Places, held: Benefit) -> Certificate:
    """One that the township gave out before its district abolished them."""
    handler = person_with(Post.HANDLER, places.township)
    return Certificate.objects.create(
        benefit=held, number="DT-ZS-2020-000001", issued_on=dt.date(2020, 5, 6), issued_by=handler
    )


def _supervision(places: Places, text: str) -> dict[str, tuple]:
    auditor = person_with(Post.AUDITOR, places.county)
    for _ in range(8):
        decided(places.village, dt.datetime(2026, 2, 10, 9, tzinfo=BEIJING))
    run = run_of(places.county)
    open_review, other, third = run.reviews.order_by("pk")[:3]
    problem = text or "未见室内照片。"
    finding, answered = found(other, auditor, problem), found(third, auditor, problem)
    leader = person_with(Post.APPROVER, places.township)
    answer_finding(finding=answered, actor=leader, text=text or "已补拍室内照片。")
    return {
        "run": (run.pk,),
        "review": (open_review.pk,),
        "review_done": (other.pk,),
        "finding": (finding.pk,),
        "finding_answered": (answered.pk,),
    }


def _relief(office: Office, text: str) -> dict[str, tuple]:
    """One that waits for consent, one for the money, one for its papers; the last without identity number."""
    township = office.township
    ground = Relief(
        office,
        person_with(Post.TOWN_PAYMENTS, township),
        person_with(Post.AUDITOR, township.parent),
        person_with(Post.APPROVER, township.parent),
    )
    fill_reserve(ground, "50000.00")
    said = {"name": text, "place": text, "happened": text} if text else {}
    unknown = {"id_number": "", "id_missing_reason": text or "证件烧毁"}
    return {
        "relief_registered": (registered(ground, **said).pk,),
        "relief_agreed": (agreed(ground, **said).pk,),
        "relief_paid": (relief_paid(ground, **said, **unknown).pk,),
    }


def _price(places: Places, people: dict[str, User], text: str) -> dict[str, tuple]:
    """A month of price subsidy that was set off with somebody who is due, and a figure that waits."""
    clerk, checker = people["district_payments"], people["district_finance"]
    payer = Payer(places, places.county, (places.village,), clerk, clerk, checker)
    decided_at = dt.datetime(2025, 12, 10, 1, tzinfo=dt.UTC)
    household(payer, text or "林价补", decided_at=decided_at, number="DT-2025-700001")
    source = {"source": text} if text else {}
    months = (dt.date(2025, 11, 1), dt.date(2026, 1, 1))
    waiting, figure = (entered_figure(payer, "3.6", month=month, **source) for month in months)
    confirm_figure(figure=figure, actor=checker)
    return {
        "price_figure": (figure.pk,),
        "price_waiting": (waiting.pk,),
        "price_month": (places.county.code, "2026-01"),
    }


def _standing(office: Office, text: str) -> dict[str, tuple]:
    """The board of the village with somebody on it, and its photo."""
    board = refresh_standing(area=office.village, actor=office.handler)
    upload = SimpleUploadedFile("a.jpg", _photo(), content_type="image/jpeg")
    photo = add_photo(
        notice=board,
        taken_on=clock_now().date(),
        place=text or "村务公开栏",
        upload=upload,
        actor=office.helper,
    )
    return {"standing": (board.pk,), "standing_code": (office.village.code,), "board_photo": (photo.pk,)}


def _adjustments(places: Places, people: dict[str, User], text: str) -> dict[str, tuple]:
    """A change of a standard that waits for the approver, one not proposed, one returned, and a what-if, all
    computed; in each a household for people.
    """
    here = Ground(
        Payer(places, places.township, (places.village,), *[people["town_payments"]] * 3),
        person_with(Post.RULE_WRITER, places.county),
        person_with(Post.RULE_PUBLISHER, places.county),
        person_with(Post.REVIEWER, places.township),
        people["approver"],
    )
    Document.objects.create(code="T-STD", title=text or "测试标准", status="in_force")
    standard(here, "1085.00", dt.date(2020, 1, 1))
    receiving(here, "585.00", "500.00", starts_on=dt.date(2026, 2, 1))
    over = receiving(here, "100.00", "1200.00", starts_on=dt.date(2026, 2, 1))
    rule = standard(here, "1135.00", dt.date(2026, 2, 1))
    change, fresh, returned = (changed(here, rule) for _ in range(3))
    propose(run=change, township=places.township, actor=here.reviewer)
    return_drafts(
        run=returned, township=places.township, reason=text or "请先核实收入。", actor=here.reviewer
    )
    draft = drafted(here, "1200.00", dt.date(2026, 3, 1))
    run = start_what_if(area=places.county, drafts=[draft], on=clock_now().date(), actor=here.writer)
    work_on_what_if(run.pk)
    return {
        "what_if": (run.pk,),
        "change": (change.pk,),
        "change_town": (change.pk, places.township.code),
        "change_fresh": (fresh.pk, places.township.code),
        "change_returned": (returned.pk, places.township.code),
        "draft": (change.items.get(benefit=over).pk,),
    }


def _changes(office, clock: time_machine.Coordinates, text: str) -> dict[str, tuple]:
    """A change that is written up, one that was reviewed, and one on which people are heard."""
    desk = Desk(office, clock)
    words = {"facts": text} if text else {}
    states = {"draft": Change.DRAFT, "reviewed": Change.REVIEWED, "hearing": Change.HEARING}
    made = {
        name: desk.change_in(
            state,
            entry(**words),
            benefit=benefit(office.village, name=text or "林大山", number=f"DT-2026-70000{n}"),
        )
        for n, (name, state) in enumerate(states.items())
    }
    proof = desk.find(made["draft"], "proof", finding=text or "不动产登记证明。")
    said = desk.say(made["hearing"], text or "住房系父母所有。")
    found = {f"change_{name}": (change.pk,) for name, change in made.items()}
    return found | {"change_evidence": (proof.pk,), "change_defence": (said.pk,)}


def _recoveries(office, clock: time_machine.Coordinates, text: str) -> dict[str, tuple]:
    """Recoveries of paid grants: one written up, one on which people are heard, one that is demanded."""
    now = clock_now()
    clock.move_to(dt.datetime(2026, 2, 2, 9, 0, tzinfo=BEIJING))
    desk = RecoveryDesk(office, clock)
    grants = desk.granted(4, name=text or "林大山")
    words = {"facts": text, "debtor": text} if text else {}
    states = {"draft": Recovering.DRAFT, "hearing": Recovering.HEARING, "repaying": Recovering.REPAYING}
    made = {
        name: desk.recovery_in(state, grant, **words)
        for (name, state), grant in zip(states.items(), grants, strict=False)
    }
    said = desk.heard(made["hearing"])
    waiver = desk.waived(made["repaying"], text or "本人重病。")
    clock.move_to(now)
    plan = desk.planned(made["repaying"], text or "户主住院，收入减少。")
    found = {f"recovery_{name}": (recovery.pk,) for name, recovery in made.items()}
    return found | {
        "recovery_case": (grants[3].application_id,),
        "recovery_defence": (said.pk,),
        "recovery_waiver": (waiver.pk,),
        "recovery_plan": (plan.pk,),
    }


def _admin_rows(places: Places, people: dict[str, User]) -> dict[str, tuple]:
    """A row of each table of /admin/, named as its addresses are."""
    helper = people["helper"]
    log_personal_data_read(
        user=helper, subject="person:1", fields="联系电话", reason="核对电话", ip="127.0.0.1"
    )
    document = Document.objects.create(code="NEW", title="关于调整标准的通知（征求意见）", status="draft")
    clause = Clause.objects.create(id="NEW-1", document=document, text="标准为每人每月 1200 元。")
    published = Rule.objects.published().filter(area__code="330305").first()
    draft = Rule.objects.create(
        area=places.county,
        key=published.key,
        value=published.value,
        valid_from=dt.date(2030, 1, 1),
        document=document,
        drafted_by=person_with(Post.RULE_WRITER, places.county),
    )
    rows = {
        "organisations_user": helper,
        "organisations_posting": helper.postings.get(),
        "organisations_area": places.village,
        "organisations_apitoken": issue_token(
            user=helper, name="演示", valid_to=clock.today() + dt.timedelta(days=30), actor=None
        )[0],
        "organisations_population": Population.objects.create(area=places.township, year=2025, hukou=41236),
        "organisations_personaldataread": PersonalDataRead.objects.get(user=helper),
        "organisations_accountevent": AccountEvent.objects.filter(user=helper).first(),
        "policy_document": document,
        "policy_clause": clause,
        "policy_rule": draft,
        "policy_calendaryear": CalendarYear.objects.order_by("year").last(),
        "policy_calendarday": CalendarDay.objects.order_by("day").last(),
    }
    return {name: (row.pk,) for name, row in rows.items()} | {
        "rule_published": (published.pk,),
        "rule_history": (places.county.code, published.key),
        "app": ("organisations",),
        "no_page": ("nothing-here",),
        "on_site": (ContentType.objects.get_for_model(Area).pk, places.village.pk),
    }


def _build(clock: time_machine.Coordinates, text: str) -> World:
    office = build_office()
    places = office.places
    people, neighbours, strangers = _everybody(places)
    made = _cases(office, clock, text)
    money, audits = _money(places, text), _supervision(places, text)
    case = {f"case_{name}": (row.number,) for name, row in made.items() if name != "attachment"}
    keys = {f"key_{name}": (row.pk,) for name, row in made.items() if name != "attachment"}
    notice = running_notice(made["disputed"])
    objection = record_objection(
        notice=notice,
        source=ObjectionSource.PUBLIC,
        content=text or "家中有车。",
        name=text or "张三",
        phone="13800001111",
        actor=None,
        at=clock_now(),
    )
    document = make_document(
        application=made["published"], kind=DocumentKind.VISIT_FORM, actor=office.handler
    )
    order = order_documents(
        applications=[made["published"].pk], kind=DocumentKind.VISIT_FORM, actor=people["handler"]
    )
    draw_document_batch(order.pk)
    refusal = refusal_of(made["refused"], office)
    for event in (Event.NOT_FOUND, Event.MAILED, Event.MAIL_RETURNED):
        returned = attempt(refusal, event, office, reason=text or "无人在家。", place=text or "三盘村")
    file = order_case_file(application=made["refused"], actor=people["handler"])
    bind_case_file(file.pk)
    limit = Deadline.objects.filter(application=made["checking"], state="running", minimum=False).first()
    objects = {
        **case,
        **keys,
        **money,
        **_settling(office, clock, text),
        **audits,
        **_adjustments(places, people, text),
        **_changes(office, clock, text),
        **_recoveries(office, clock, text),
        **_relief(office, text),
        **_standing(office, text),
        **_price(places, people, text),
        **_joint(office, text),
        **_recheck(office, Benefit.objects.get(application__number="DT-2025-700001"), text),
        **_renewal(office, clock, text),
        **_admin_rows(places, people),
        "attachment": (made["draft"].number, made["attachment"].pk),
        "token": (notice.token,),
        "notice": (notice.pk,),
        "objection": (objection.pk,),
        "document": (document.pk,),
        "refusal": (refusal.pk,),
        "service_proof": (returned.pk,),
        "paper_token": (refusal.token,),
        "case_file": (file.pk,),
        "document_order": (order.pk,),
        "deadline": (limit.pk,),
        "clause": ("DT-1.2",),
    }
    data = {
        "nothing": {},
        "prepare_new": {"area": places.township.pk, "month": "2026-03", "programme": "dibao"},
        "seen": {"seen": "2/1670.00"},
        "adjustment": {"seen": "1/50.00"},
        "return": {"reason": "请先核实收入。"},
        "settle": {"outcome": "kept", "note": "已核实。"},
        "draw": {"county": places.county.code, "month": "2026-02", "programme": "dibao"},
        "review": {"findings-TOTAL_FORMS": "0", "findings-INITIAL_FORMS": "0"},
    }
    return World(people, neighbours, strangers, objects, data)


@contextmanager
def standing_world(media: Path, text: str = "") -> Iterator[World]:
    """The world, inside one transaction that is taken back at the end.

    `text`, when given, is what people wrote wherever they could: name, address, statement, opinion.
    """
    start = dt.datetime(2026, 3, 2, 9, 0, tzinfo=BEIJING)
    with time_machine.travel(start, tick=False) as clock, override_settings(MEDIA_ROOT=media):
        cache.clear()
        with transaction.atomic():
            world = _build(clock, text)
            # After each test Django looks at deferred constraints: not at the world's again and again.
            connection.check_constraints()
            yield world
            transaction.set_rollback(True)


@contextmanager
def taken_back() -> Iterator[None]:
    """Whatever happens in here is undone: the next request meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def clients_of(people: dict[str, User]) -> dict[str, Client]:
    """A browser for each, logged in."""
    browsers = {}
    for role, user in people.items():
        browsers[role] = Client(raise_request_exception=False)
        browsers[role].force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return browsers


def tables_written() -> dict[str, int]:
    """Rows that this transaction inserted, changed or deleted so far, by table (triggers included)."""
    with connection.cursor() as cursor:
        # What pg_stat_xact_user_tables is made of: in a fraction of its time, tens of thousands of times.
        cursor.execute(
            "SELECT relname, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)"
            " + pg_stat_get_xact_tuples_deleted(oid) FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return {table: n for table, n in cursor.fetchall() if n}
