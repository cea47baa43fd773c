"""Form data of what is told, discussed, changed and ended, without a database; and every form by its kind."""

from __future__ import annotations

from collections.abc import Callable

from tests.approvals.forms import APPLICANT, FORMS, RARE_NAME, common_data

_BASES = [
    "《最低生活保障审核确认办法》（民发〔2021〕57号）：最低生活保障家庭应当如实申报人口、收入和财产变化情况。",
    "《绍兴市上虞区社会救助审核审批工作规程》：停发、减发最低生活保障金的，应当事先告知，听取陈述申辩。",
]
_CAPITALS = "人民币（大写）壹仟肆佰壹拾元整（小写 1,410.00 元）"
_HOTLINES = ["0577-63380000", "12345"]


def materials_notice(n: int) -> dict:
    return common_data("materials_notice", "社会救助申请材料一次性告知书", "社救补告", n) | {
        "applicant_name": RARE_NAME,
        "applied_on": "2026年2月16日",
        "items": ["核对授权书缺配偶签名", "残疾证复印件", "最近三个月的医疗费用单据"],
        "note": "单据可以由村社协理员代收。",
        "issued_by": "陈海燕",
        "issued_on": "2026年2月17日",
        "hotlines": _HOTLINES,
    }


def case_by_case_form(n: int) -> dict:
    title = "鹿城区社会救助“一事一议”审批表"
    return common_data("case_by_case_form", title, "社救议审", n) | {
        "applicant": APPLICANT,
        "n_members": 3,
        "circumstance": "家庭成员出走、失联三年以上",
        "clause": "LC-1.1",
        "statement": "儿子失联多年，本人患慢性病，无力承担医药费用。",
        "facts": [
            {"label": "失联起始日", "text": "2021年4月2日"},
            {"label": "报案情况", "text": "2021年4月9日向派出所报案，至今无下落。"},
        ],
        "checked": ["核对报告无异常", "入户调查属实"],
        "referred_by": "陈海燕",
        "referred_on": "2026年3月3日",
        "appraisal": {
            "result": "2026年3月5日14时30分在三盘村会议室召开民主评议会，参加表决 13 人，"
            "1 名纪（工）委代表到场监督。同意 12 票、不同意 0 票、弃权 1 票，评议通过。",
            "opinions": "情况属实，应当救助。",
            "chair": "吕建国",
            "on": "2026年3月5日",
        },
        "determination": {
            "met": "2026年3月6日9时00分联席会议研究。",
            "outcome": "同意",
            "given": f"保障 2 人，每月救助{_CAPITALS}。",
            "reason": "符合一事一议情形，失联成员不计入家庭人口。",
            "by": "吕建国",
            "on": "2026年3月6日",
        },
        "confirmation": {
            "outcome": "批准",
            "reason": "程序完备，同意。",
            "by": "叶晓东",
            "on": "2026年3月9日",
            "validity": "有效期至2027年3月8日，期满须重新申请。",
        },
    }


def appraisal_record(n: int) -> dict:
    names = ["林秀英", "张𠮷", "叶䶮", "林㛃", "郑阿强", "吕建国", "陈海燕", "叶晓东"]
    return common_data("appraisal_record", "社会救助民主评议记录", "社救民评", n) | {
        "applicant_name": RARE_NAME,
        "purpose": "一事一议",
        "circumstance": "家庭成员出走、失联三年以上",
        "held_at": "2026年3月5日14时30分",
        "held_in": "三盘村会议室",
        "chair": "吕建国",
        "people": [
            {"capacity": "街道、乡镇工作人员", "n": 2, "names": names[:2]},
            {"capacity": "村（居）民代表", "n": 8, "names": names},
            {"capacity": "纪（工）委代表", "n": 1, "names": ["郑同志"]},
            {"capacity": "驻村干部", "n": 0, "names": []},
        ],
        "min_people": 12,
        "n_voters": 13,
        "statement": "儿子失联多年，本人患慢性病，无力承担医药费用。",
        "votes": [12, 0, 1],
        "opinions": "情况属实，应当救助。",
        "minutes": "主持人介绍情况，经办人说明核查结果，到会人员发言后投票。",
        "evidence": "派出所报案回执",
        "result": "评议有效，通过。",
        "recorded_by": "陈海燕",
        "recorded_on": "2026年3月5日",
    }


def _change(kind: str, title: str, word: str, n: int) -> dict:
    return common_data(kind, title, word, n) | {
        "name": RARE_NAME,
        "what": "停发最低生活保障金",
        "was": _CAPITALS,
        "monthly": "",
        "reason": "家庭收入超过标准",
        "facts": "经动态核查，家庭成员就业，月工资 6,200.00 元。",
        "evidence": ["工资流水（2026年3月1日）：连续三个月入账 6,200.00 元"],
        "calculation": ["人均月收入：6,200.00 ÷ 2 人，高于低保标准 1,085.00"],
        "bases": _BASES,
        "hotlines": _HOTLINES,
        "office": "北岙街道",
        "after": f"停发最低生活保障金，原每月{_CAPITALS}",
    }


def change_prior_notice(n: int) -> dict:
    title = "停发最低生活保障金事先告知书"
    return _change("change_prior_notice", title, "社救变告", n) | {"period": "3日"}


def change_decision(n: int) -> dict:
    return _change("change_decision", "停发最低生活保障金决定书", "社救变决", n) | {
        "noticed_on": "2026年3月4日",
        "is_heard": True,
        "heard": [
            "张𠮷𬱖于2026年3月5日书面提出：收入不稳定，请求保留。　复核意见：部分采纳。给予三个月渐退期。"
        ],
        "effect": "自本决定书送达之日的次月起执行",
        "screening": "已告知可以申请临时救助。",
        "adverse": True,
        "decided_on": "2026年3月11日",
        "died_on": "",
    }


def ending_notice(n: int) -> dict:
    return common_data("ending_notice", "浙江省特困人员救助供养对象终止公示表", "社救终示", n) | {
        "name": RARE_NAME,
        "village": "三盘村",
        "category": "特困人员救助供养",
        "board": "三盘村公示栏",
        "posted_on": "2026年3月3日",
        "ends_on": "2026年3月10日",
        "hotlines": _HOTLINES,
    }


def joint_minutes(n: int) -> dict:
    return common_data("joint_minutes", "社会救助联审联批会议纪要", "社救联", n) | {
        "applicant_name": RARE_NAME,
        "n_members": 3,
        "held_at": "2026年3月9日9时00分",
        "held_in": "街道会议室",
        "chair": "叶晓东",
        "members": [{"name": "郑阿强", "office": "社会事务办"}, {"name": "林㛃", "office": "财政所"}],
        "recused": ["叶䶮"],
        "n_cases": 4,
        "proposed": "初审同意，拟每月保障1,410.00元。情况属实，拟同意。",
        "votes": [3, 0, 0],
        "n_voters": 3,
        "opinion": "材料齐全，公示无异议。",
        "conclusion": "同意",
        "recorded_by": "陈海燕",
        "recorded_on": "2026年3月9日",
    }


def money_statement(n: int) -> dict:
    rows = [
        {
            "month": f"2026年{month}月",
            "number": "",
            "kind": "保障金",
            "due": "1,410.00",
            "paid": "1,410.00",
            "so_far": f"{1410 * month:,}.00",
            "what": [f"2026-{month:02d}-10 入账，尾号 8901，DT202600{month} 第 3 行"],
        }
        for month in range(1, 13)
    ]
    return common_data("money_statement", "救助金发放明细", "社救明", n) | {
        "applicant": {"name": RARE_NAME},
        "years": [{"year": 2026, "n": 12, "due": "16,920.00", "paid": "16,920.00"}],
        "statements": [{"year": 2026, "rows": rows}],
    }


def _receipt(kind: str, title: str, word: str, n: int) -> dict:
    return common_data(kind, title, word, n) | {
        "applicant": {"name": RARE_NAME, "id_number": APPLICANT["id_number"]},
        "office": "百官街道",
        "what": "临时救助第 1 期",
        "reason": "住院，无银行账户，急需生活用品",
        "paid_in": "实物",
        "amount": _CAPITALS,
        "goods": [
            {"name": "棉被", "quantity": "2 床", "value": "410.00"},
            {"name": "大米", "quantity": "50 斤", "value": "1,000.00"},
        ],
        "approved_by": "叶晓东",
        "approved_on": "2026年3月9日",
        "received_by": "林㛃",
        "relation": "女儿（受书面委托）",
        "staff": ["陈海燕", "吕建国"],
        "handed_on": "2026年3月10日",
    }


def hand_over_receipt(n: int) -> dict:
    return _receipt("hand_over_receipt", "临时救助现金（实物）领取单", "社救领", n)


def relief_receipt(n: int) -> dict:
    return _receipt("relief_receipt", "急难救助领取单", "社救急领", n)


def _recovery(kind: str, title: str, word: str, n: int) -> dict:
    months = [
        {
            "month": f"2026年{month}月",
            "kind": "按月发放",
            "paid": "1,410.00",
            "due": "0.00",
            "amount": "1,410.00",
        }
        for month in (2, 3)
    ]
    return common_data(kind, title, word, n) | {
        "name": RARE_NAME,
        "debtor": "林㛃",
        "amount": "人民币（大写）贰仟捌佰贰拾元整（小写 2,820.00 元）",
        "ground": "死亡后多发",
        "facts": "本人于2026年1月20日去世，家属未及时报告，2月、3月照常发放。",
        "evidence": "死亡证明（2026年3月20日）",
        "months": months,
        "way": "自收到决定书之日起30日内一次缴回",
        "hotlines": _HOTLINES,
        "office": "北岙街道",
    }


def recovery_notice(n: int) -> dict:
    return _recovery("recovery_notice", "追缴事先告知书", "社救追告", n) | {"period": "3日"}


def recovery_decision(n: int) -> dict:
    return _recovery("recovery_decision", "追缴决定书", "社救追决", n) | {
        "noticed_on": "2026年3月24日",
        "heard": ["林㛃于2026年3月25日书面提出：请求分期。　复核意见：不予采纳。数额不大。"],
        "decided_on": "2026年3月30日",
        "returned": "人民币（大写）壹仟肆佰壹拾元整（小写 1,410.00 元）",
        "open": _CAPITALS,
        "payee": "北岙街道",
    }


def repayment_plan(n: int) -> dict:
    return common_data("repayment_plan", "缴款计划调整告知书", "社救缴调", n) | {
        "name": RARE_NAME,
        "debtor": "林㛃",
        "asked_on": "2026年5月6日",
        "agreed_on": "2026年5月8日",
        "reason": "户主住院，收入减少。",
        "open": _CAPITALS,
        "parts": [
            {"number": number, "due_on": f"2026年{5 + number}月8日", "amount": "235.00"}
            for number in range(1, 7)
        ],
        "payee": "北岙街道",
        "hotlines": _HOTLINES,
        "office": "北岙街道",
    }


def renewal_refusal(n: int) -> dict:
    return common_data("renewal_refusal", "一事一议不予续期告知书", "社救议期", n) | {
        "applicant_name": RARE_NAME,
        "programme_name": "最低生活保障",
        "circumstance": "家庭成员出走或失联满三年，实际未共同生活",
        "until": "2027年3月1日",
        "ends": "2027年4月",
        "reason": "该成员已于2026年12月返家共同生活，原情形不再存在。",
        "facts": [
            "自 2020-05-01 起已满 6 年",
            "2027年1月4日民主评议：同意 3 票、不同意 9 票、弃权 0 票",
            "2027年1月5日会议研究，不同意续期",
        ],
        "bases": _BASES,
        "contact": "陈海燕",
        "hotlines": _HOTLINES,
        "office": "松台街道",
        "decided_on": "2027年1月5日",
    }


_DECIDED = (
    renewal_refusal,
    materials_notice,
    case_by_case_form,
    appraisal_record,
    change_prior_notice,
    change_decision,
    ending_notice,
    joint_minutes,
    money_statement,
    hand_over_receipt,
    relief_receipt,
    recovery_notice,
    recovery_decision,
    repayment_plan,
)
# By kind, as the registry has them.
EVERY_FORM: dict[str, Callable[[int], dict]] = {
    make(1)["kind"]: make for make in (*FORMS.values(), *_DECIDED)
}
