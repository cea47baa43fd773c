"""The pages of money: who sees what, what the buttons do, and that a page costs the same for 3 rows and for
30.
"""

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from organisations.enums import Post
from organisations.models import PersonalDataRead
from payments import services
from payments.demo_bank import answer_to
from payments.enums import BatchState
from payments.models import Batch, Benefit, Transfer
from payments.queries import money_panel, tasks_for
from tests.cases.builders import person_with
from tests.payments import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def payer(clock):
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00", "0.01")
    return payer


def text_of(response) -> str:
    return response.content.decode()


def queries_of(client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_a_month_from_list_to_settled_in_the_browser(payer, browse):
    clerk = browse(payer.clerk)
    page = text_of(clerk.get(reverse("payments:batches")))
    assert "待编制" in page
    assert "每月 10 日前" in page
    answer = clerk.post(
        reverse("payments:prepare_new"),
        {"area": payer.area.pk, "month": "2026-03", "programme": "dibao"},
        follow=True,
    )
    batch = Batch.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("payments:batch", args=[batch.pk])
    assert "复核由北岙街道的审批岗办理" in text_of(answer)

    checker = browse(payer.checker)
    page = checker.post(reverse("payments:check", args=[batch.pk]), {"seen": "3/1670.01"}, follow=True)
    assert "已复核" in text_of(page)

    clerk = browse(payer.clerk)
    clerk.post(reverse("payments:seal", args=[batch.pk]))
    page = text_of(clerk.post(reverse("payments:bank_file", args=[batch.pk]), follow=True))
    assert "330305001-DB-202603-01" in page
    file = batch.bank_files.get()
    content = answer_to(file, paid_on=timezone.localdate(), failures={3: "账户销户"})
    page = clerk.post(
        reverse("payments:answer", args=[file.pk]),
        {"file": SimpleUploadedFile("回盘.csv", content)},
        follow=True,
    )
    assert "账户销户" in text_of(page)
    assert not Transfer.objects.exclude(result="pending").exists()
    stored = file.answers.get()
    page = text_of(clerk.post(reverse("payments:answer_confirm", args=[stored.pk]), follow=True))
    assert "失败待补发" in page
    failed = Transfer.objects.get(result="failed").payment.benefit

    other = browse(payer.other)
    page = text_of(other.get(reverse("payments:batch", args=[batch.pk]) + "?show=failed"))
    assert page.count("林*") == 1
    builders.proxied(failed, "林大山")
    other.post(
        reverse("payments:payee", args=[failed.pk]),
        {"name": "林大山", "bank": "农业银行", "account": "6228480000000004321", "reason": "换卡"},
    )
    clerk = browse(payer.clerk)
    clerk.post(reverse("payments:retry", args=[batch.pk]))
    services.import_answer(
        bank_file=batch.bank_files.get(run=2),
        upload=BytesIO(answer_to(batch.bank_files.get(run=2), paid_on=timezone.localdate())),
        actor=payer.clerk,
    )
    assert Batch.objects.get().state == BatchState.SETTLED
    assert clerk.get(reverse("payments:batch", args=[batch.pk])).status_code == 200


@pytest.mark.parametrize("state", ["prepared", "checked", "sealed", "sent"])
def test_a_batch_page_in_each_state_greys_what_is_forbidden(payer, browse, state):
    made = getattr(builders, state)(payer)
    batch = made.batch if state == "sent" else made
    for user in (payer.clerk, payer.checker, person_with(Post.AUDITOR, payer.places.county)):
        page = text_of(browse(user).get(reverse("payments:batch", args=[batch.pk])))
        assert batch.area.name in page
        assert builders.ACCOUNT not in page
        assert "林0" not in page
    assert 'class="why-not"' in page


def test_other_areas_batches_files_answers_and_benefits_do_not_exist(payer, browse):
    file = builders.sent(payer)
    stored = services.upload_answer(
        bank_file=file, upload=BytesIO(answer_to(file, paid_on=timezone.localdate())), actor=payer.clerk
    )
    stranger = browse(person_with(Post.TOWN_PAYMENTS, payer.places.other_township))
    benefit = Benefit.objects.first()
    pages = [
        ("batch", file.batch_id),
        ("answer", file.pk),
        ("answer_template", file.pk),
        ("answer_preview", stored.pk),
        ("benefit", benefit.pk),
        ("payee", benefit.pk),
    ]
    for name, pk in pages:
        assert stranger.get(reverse(f"payments:{name}", args=[pk])).status_code == 404, name
    posts = [(name, file.batch_id) for name in ("prepare", "check", "return", "seal", "bank_file", "retry")]
    posts += [("answer_confirm", stored.pk), ("benefit_account", benefit.pk)]
    for name, pk in posts:
        assert stranger.post(reverse(f"payments:{name}", args=[pk])).status_code == 404, name
    assert stranger.post(reverse("payments:download", args=[file.pk, "csv"])).status_code == 404
    form = {"area": payer.area.pk, "month": "2026-03", "programme": "dibao"}
    assert stranger.post(reverse("payments:prepare_new"), form).status_code == 404
    for name in ("batches", "benefits"):
        page = text_of(stranger.get(reverse(f"payments:{name}")))
        assert "DT-2026-" not in page
        assert "北岙街道" not in page


def test_the_township_of_a_paying_district_sees_its_households_but_not_the_districts_list(clock, browse):
    payer = builders.district()
    builders.benefits(payer, "700.00")
    batch = builders.prepared(payer)
    approver = browse(person_with(Post.APPROVER, payer.places.other_county_township))
    assert approver.get(reverse("payments:batch", args=[batch.pk])).status_code == 404
    assert "DT-2026-" in text_of(approver.get(reverse("payments:benefits")))


def test_in_reach_without_the_post_is_403_with_the_reason(payer, browse):
    file = builders.sent(payer)
    auditor = browse(person_with(Post.AUDITOR, payer.places.county))
    for name in ("prepare", "check", "return", "seal", "bank_file", "retry"):
        answer = auditor.post(reverse(f"payments:{name}", args=[file.batch_id]))
        assert answer.status_code == 403, name
        assert "北岙街道" in text_of(answer)
    assert auditor.post(reverse("payments:download", args=[file.pk, "xlsx"])).status_code == 403
    assert auditor.get(reverse("payments:answer", args=[file.pk])).status_code == 403
    partner = browse(person_with(Post.RULE_WRITER, payer.places.county))
    for name in ("batches", "benefits", "benefits_export"):
        assert partner.get(reverse(f"payments:{name}")).status_code == 403, name


def test_a_download_is_the_stored_file_and_leaves_a_record(payer, browse):
    file = builders.sent(payer)
    clerk = browse(payer.clerk)
    first = clerk.post(reverse("payments:download", args=[file.pk, "csv"])).getvalue()
    assert clerk.post(reverse("payments:download", args=[file.pk, "csv"])).getvalue() == first
    assert builders.ACCOUNT.encode() in first
    read = PersonalDataRead.objects.first()
    assert (read.user, read.subject) == (payer.clerk, f"bank_file:{file.pk}")
    assert PersonalDataRead.objects.count() == 2
    assert clerk.post(reverse("payments:download", args=[file.pk, "pdf"])).status_code == 404
    assert clerk.get(reverse("payments:download", args=[file.pk, "csv"])).status_code == 405


def test_an_account_in_full_asks_for_a_reason_and_is_recorded(payer, browse):
    benefit = Benefit.objects.first()
    clerk = browse(payer.clerk)
    url = reverse("payments:benefit_account", args=[benefit.pk])
    assert builders.ACCOUNT not in text_of(clerk.get(reverse("payments:benefit", args=[benefit.pk])))
    assert "请填写查看事由" in text_of(clerk.post(url, {"reason": "  "}))
    assert not PersonalDataRead.objects.exists()
    assert builders.ACCOUNT in text_of(clerk.post(url, {"reason": "核对退票账号"}))
    assert PersonalDataRead.objects.get().reason == "核对退票账号"
    reviewer = browse(person_with(Post.REVIEWER, payer.area))
    assert reviewer.post(url, {"reason": "看看"}).status_code == 403


HOSTILE = ["\x00", "😀", "𠮷", "'\";--", "<svg onload=x>", "长" * 10_000, "=1+1", "\u202e"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_every_field_is_answered_and_nothing_typed_is_lost(payer, browse, text):
    benefit = Benefit.objects.first()
    clerk = browse(payer.clerk)
    typed = {"name": text, "bank": "农业银行", "account": "no number", "reason": text}
    page = text_of(clerk.post(reverse("payments:payee", args=[benefit.pk]), typed))
    assert "农业银行" in page
    assert "只能由数字组成" in page
    assert "<svg onload" not in page
    batch = builders.checked(payer)
    for name, values in {
        "return": {"reason": text},
        "check": {"seen": text},
        "prepare_new": {"area": text, "month": text, "programme": text},
    }.items():
        args = [] if name == "prepare_new" else [batch.pk]
        answer = browse(payer.clerk).post(reverse(f"payments:{name}", args=args), values)
        assert answer.status_code < 500, name
    for name in ("batches", "benefits"):
        query = {"month": text, "programme": text, "place": text, "status": text, "before": text}
        assert clerk.get(reverse(f"payments:{name}"), query).status_code == 200
    query = {"after": text, "show": text}
    assert clerk.get(reverse("payments:batch", args=[batch.pk]), query).status_code == 200


@pytest.mark.parametrize("name", ["batch", "benefit", "answer", "answer_preview", "unknown"])
def test_keys_of_nothing_are_404(payer, browse, name):
    clerk = browse(payer.clerk)
    for pk in (0, 999_999, 2**63, 10**30):
        assert clerk.get(reverse(f"payments:{name}", args=[pk])).status_code == 404


def test_a_broken_answer_shows_its_errors_by_row(payer, browse):
    file = builders.sent(payer)
    text = "行号,金额,结果\r\n一,585.00,成功\r\n2,很多,成功\r\n"
    page = text_of(
        browse(payer.clerk).post(
            reverse("payments:answer", args=[file.pk]),
            {"file": SimpleUploadedFile("a.csv", text.encode())},
        )
    )
    assert "应为数字" in page
    assert "不是金额" in page
    assert not file.answers.exists()


def test_the_template_for_the_bank_is_masked_and_is_itself_an_answer_without_results(payer, browse):
    file = builders.sent(payer)
    content = browse(payer.clerk).get(reverse("payments:answer_template", args=[file.pk])).getvalue()
    text = content.decode("gb18030")
    assert builders.ACCOUNT not in text
    assert text.splitlines()[1].startswith("330305001-DB-202603-01,1,***************8901,585.00")


def test_an_unknown_row_is_settled_on_its_page(payer, browse):
    file = builders.sent(payer)
    text = "行号,金额,结果\r\n77,1.00,成功\r\n"
    services.import_answer(bank_file=file, upload=BytesIO(text.encode()), actor=payer.clerk)
    unknown = file.answers.get().unknown.get()
    clerk = browse(payer.clerk)
    assert "行号 77" in text_of(clerk.get(reverse("payments:batch", args=[file.batch_id])))
    url = reverse("payments:unknown", args=[unknown.pk])
    assert "请填写处理结果" in text_of(clerk.post(url, {"settlement": ""}))
    assert "已撤回" in text_of(clerk.post(url, {"settlement": "银行误报，已撤回"}, follow=True))


def test_the_register_is_filtered_paged_and_exported_masked(payer, browse):
    for n in range(60):
        builders.benefit(payer.villages[n % 2], name=f"陈小{n}")
    Benefit.objects.filter(head_name="林0").update(ends_on=dt.date(2026, 3, 1))
    clerk = browse(payer.clerk)
    first = clerk.get(reverse("payments:benefits"))
    assert len(first.context["rows"]) == 50
    second = clerk.get(reverse("payments:benefits") + first.context["next_url"])
    assert len(second.context["rows"]) == 12
    assert {row.pk for row in first.context["rows"]}.isdisjoint(row.pk for row in second.context["rows"])
    ended = clerk.get(reverse("payments:benefits"), {"status": "ended"})
    assert [row.head_name for row in ended.context["rows"]] == ["林0"]
    village = clerk.get(reverse("payments:benefits"), {"place": payer.villages[1].code})
    assert {row.village for row in village.context["rows"]} == {payer.villages[1]}
    content = clerk.get(reverse("payments:benefits_export"), {"status": "all"}).getvalue()
    rows = list(openpyxl.load_workbook(BytesIO(content)).active.iter_rows(values_only=True))
    assert len(rows) == 2 + 63
    assert "陈*" in rows[2][1]
    assert builders.ACCOUNT not in str(rows)


def test_pages_cost_the_same_for_3_rows_and_for_30(payer, browse, clock):
    file = builders.sent(payer)
    clerk = browse(payer.clerk)
    urls = [
        reverse("payments:batches"),
        reverse("payments:batch", args=[file.batch_id]),
        reverse("payments:benefits"),
    ]
    few = [queries_of(clerk, url) for url in urls]
    for n in range(27):
        builders.benefit(payer.villages[0], name=f"陈{n}", starts_on=builders.APRIL)
    clock.move_to(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC))
    services.prepare_month(area=payer.area, programme="dibao", month=builders.APRIL, actor=payer.clerk)
    april = Batch.objects.get(month=builders.APRIL)
    services.check_batch(batch=april, actor=payer.checker)
    services.seal_batch(batch=april, actor=payer.clerk)
    services.make_bank_files(batch=april, actor=payer.clerk)
    urls[1] = reverse("payments:batch", args=[april.pk])
    clerk = browse(payer.clerk)
    many = [queries_of(clerk, url) for url in urls]
    assert many == few
    assert max(many) <= 20


def test_lines_of_a_long_list_are_paged_by_key(payer, browse):
    for n in range(60):
        builders.benefit(payer.villages[0], name=f"陈{n}")
    batch = builders.prepared(payer)
    clerk = browse(payer.clerk)
    first = clerk.get(reverse("payments:batch", args=[batch.pk]))
    second = clerk.get(reverse("payments:batch", args=[batch.pk]) + first.context["next_url"])
    assert [len(first.context["lines"]), len(second.context["lines"])] == [50, 13]
    assert second.context["next_url"] == ""


def test_the_workbench_tells_each_person_the_next_step(payer):
    def actions(user):
        return [todo.action for todo in tasks_for(user)]

    assert actions(payer.clerk) == ["编制名册"]
    assert actions(payer.checker) == []
    batch = builders.prepared(payer)
    assert (actions(payer.clerk), actions(payer.checker)) == ([], ["复核名册"])
    services.check_batch(batch=batch, actor=payer.checker)
    assert (actions(payer.clerk), actions(payer.checker)) == (["封账"], ["封账"])
    services.seal_batch(batch=batch, actor=payer.clerk)
    assert (actions(payer.clerk), actions(payer.checker)) == (["生成代发文件"], [])
    (file,) = services.make_bank_files(batch=batch, actor=payer.clerk)
    assert actions(payer.clerk) == ["导入银行回盘"]
    builders.answered(payer, file, {1: "账户销户"})
    assert actions(payer.clerk) == ["更正并补发"]
    (again,) = services.retry_failed(batch=batch, actor=payer.clerk)
    builders.answered(payer, again)
    assert actions(payer.clerk) == []
    todo = tasks_for(payer.checker)
    assert todo == []
    stranger = person_with(Post.TOWN_PAYMENTS, payer.places.other_township)
    assert actions(stranger) == []


def test_tasks_are_late_after_the_10th(payer, clock):
    (todo,) = tasks_for(payer.clerk)
    assert (todo.level, todo.deadline) == ("info", "还剩 8 天")
    clock.move_to(dt.datetime(2026, 3, 11, 1, tzinfo=dt.UTC))
    payer.clerk.__dict__.pop("_scope", None)
    (todo,) = tasks_for(payer.clerk)
    assert (todo.level, todo.deadline) == ("late", "已逾期 1 天")


def test_the_money_tab_of_a_case(payer):
    file = builders.sent(payer)
    builders.answered(payer, file, {1: "账户销户"})
    benefit = file.transfers.get(line=1).payment.benefit
    panel = money_panel(benefit.application, payer.clerk)
    page = render_to_string("payments/_money.html", panel)
    assert "账户销户" in page
    assert "585.00" in page
    assert builders.ACCOUNT not in page
    fresh = builders.application(payer.villages[0])
    assert "尚未开立待遇" in render_to_string("payments/_money.html", money_panel(fresh, payer.clerk))
