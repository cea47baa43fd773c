"""Form data as `approvals.documents.data` builds it, without a database: synthetic people, one of each."""

from __future__ import annotations

from collections.abc import Callable

PLACE = {"county": "洞头区", "township": "北岙街道", "village": "三盘村"}
RARE_NAME = "张𠮷𬱖"


def _common(kind: str, title: str, word: str, n: int) -> dict:
    return {
        "kind": kind,
        "title": title,
        "number": f"洞头区北岙街道{word}〔2026〕{n}号",
        "made_on": "2026年3月12日",
        "application_number": f"DT-2026-{n:06d}",
        "programme": "最低生活保障",
        "place": PLACE,
    }


def _member(name: str, sex: str, age: int, relation: str, id_number: str, remark: str) -> dict:
    return {
        "name": name,
        "sex": sex,
        "age": age,
        "relation": relation,
        "id_number": id_number,
        "remark": remark,
    }


MEMBERS = [
    _member("林秀英", "女", 69, "本人", "330305195605010027", "肢体残疾二级；共同生活"),
    _member(RARE_NAME, "男", 71, "配偶", "330305195405010035", "重特大疾病；共同生活"),
    _member("林龘䶮", "男", 35, "不能独立生活的成年子女", "330305199005010019", "不计入：在监狱服刑"),
]
APPLICANT = MEMBERS[0] | {"phone": "13800001234", "address": "北岙街道三盘村海滨路 12 弄 3 号"}
_LINES = [
    ("林秀英的收入", "工资性收入 1,200.00", "1,200.00", "L57-13"),
    ("林秀英扣减就业成本", "每月 200.00", "-200.00", "L57-13"),
    ("家庭月收入", "计入人口的成员合计", "1,000.00", "L57-13"),
    ("扣减刚性支出", "慢性病自付 240.00", "-240.00", "L57-13"),
    ("人均月收入", "760.00 ÷ 2 人", "380.00", "L57-8"),
    ("低保标准（每人每月）", "洞头区 2026 年标准", "1,085.00", "DT-9.1"),
    ("货币财产", "12,000.00 不高于 4 × 年标准 × 2 人", "", "ZJR-T1"),
    ("月保障金（补差）", "1,085.00 × 2 - 760.00", "1,410.00", "L57-23"),
]


def visit_form(n: int) -> dict:
    kinds = ("工资性收入", "经营净收入", "财产净收入", "转移净收入", "其他收入")
    things = ("存款、证券等货币财产", "机动车辆数", "住房套数", "非居住用房套数", "工商登记认缴出资额")
    income = {"declared": "1,200.00", "declared_year": "14,400.00"}
    income |= {"checked": "1,150.00", "checked_year": "13,800.00"}
    found = [
        ("经济状况", "与申报相符", "靠打零工，收入不稳定"),
        ("健康状况", "重病", "慢性病，每周就诊三次"),
        ("教育状况", "无在校成员", ""),
        ("居住状况", "自有", "砖混平房 60 平方米，屋顶漏雨"),
        ("就业状况", "灵活就业", ""),
        ("社会参与", "正常参与", ""),
    ]
    return _common("visit_form", "浙江省最低生活保障对象入户调查表", "社救调", n) | {
        "applicant": APPLICANT,
        "visited_at": "2026年3月2日15时20分",
        "cause": "因病",
        "members": MEMBERS,
        "income": [{"label": kind, **income} for kind in kinds],
        "property": [
            {"label": thing, "declared": "12,000.00 元", "checked": "12,400.00 元"} for thing in things
        ],
        "rigid": "240.00",
        "rigid_note": "慢性病自付",
        "findings": [{"label": label, "choice": choice, "note": note} for label, choice, note in found],
        "neighbours": "走访邻居两户，均反映该户生活困难，情况与申报一致。",
        "conclusion": "该户因病致贫，收入低，财产符合规定，建议纳入低保。",
        "visitors": ["陈海燕", "郑阿强"],
        "present": "林秀英",
        "completed_on": "2026年3月2日",
    }


def decision_form(n: int) -> dict:
    lines = [
        {"label": label, "formula": formula, "amount": amount, "clause": clause, "is_total": False}
        for label, formula, amount, clause in _LINES
    ]
    return _common("decision_form", "浙江省最低生活保障对象办理审批表", "社救审", n) | {
        "applicant": APPLICANT,
        "applied_on": "2026年2月16日",
        "accepted_on": "2026年2月16日",
        "cause": "因病",
        "n_members": 3,
        "n_covered": 2,
        "members": MEMBERS,
        "payee": "林秀英　温州银行洞头支行　***************8901",
        "lines": lines,
        "sources": ["L57 即《最低生活保障审核确认办法》（民发〔2021〕57号）"],
        "proposal": {
            "outcome": "同意",
            "reason": "经核对和入户调查，该户人均月收入 380.00 元，低于低保标准，财产符合规定，拟同意。",
            "given": "拟每月保障1,410.00元。",
            "by": "吕建国",
            "on": "2026年3月3日",
        },
        "publicity": "2026年3月3日至2026年3月10日在三盘村公示，期满。无异议。",
        "decision": {
            "outcome": "同意",
            "approved": True,
            "reason": "同意纳入最低生活保障。",
            "given": "自2026年4月起，每月发放保障金人民币（大写）壹仟肆佰壹拾元整（小写 1,410.00 元）。",
            "office": "北岙街道",
            "by": "叶晓东",
            "on": "2026年3月12日",
        },
    }


def notice_form(n: int) -> dict:
    return _common("notice_form", "浙江省最低生活保障对象办理公示表", "社救示", n) | {
        "name": RARE_NAME,
        "village": "三盘村",
        "category": "最低生活保障",
        "n_members": 3,
        "n_covered": 2,
        "monthly": "1,410.00",
        "once": False,
        "board": "三盘村",
        "posted_on": "2026年3月3日",
        "ends_on": "2026年3月10日",
        "hotlines": ["0577-63380000", "12345"],
    }


def refusal_notice(n: int) -> dict:
    return _common("refusal_notice", "不符合最低生活保障告知书", "社救不予", n) | {
        "applicant_name": RARE_NAME,
        "applied_on": "2026年2月16日",
        "reason": "经核对，你户名下有货币财产 180,000.00 元，超过规定限额。",
        "facts": ["货币财产：180,000.00 高于 4 × 年标准 13,020.00 × 2 人 = 104,160.00"],
        "bases": [
            "《最低生活保障审核确认办法》（民发〔2021〕57号）：家庭财产包括存款、证券、基金、商业保险、债权、"
            "互联网金融资产、车辆和房屋、林木等。"
        ],
        "hotlines": ["0577-63380000"],
        "decided_on": "2026年3月12日",
    }


FORMS: dict[str, Callable[[int], dict]] = {
    "入户调查表": visit_form,
    "公示表": notice_form,
    "审批表": decision_form,
    "不符合告知书": refusal_notice,
}
