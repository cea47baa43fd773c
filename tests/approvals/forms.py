"""Form data as `approvals.documents.data` builds it, without a database: synthetic people, one of each."""

from __future__ import annotations

from collections.abc import Callable

PLACE = {"county": "洞头区", "township": "北岙街道", "village": "三盘村"}
RARE_NAME = "张𠮷𬱖"


def common_data(kind: str, title: str, word: str, n: int) -> dict:
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
    return common_data("visit_form", "浙江省最低生活保障对象入户调查表", "社救调", n) | {
        "applicant": APPLICANT,
        "residence": "户籍在本县（市、区），居住在本县（市、区）",
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
    return common_data("decision_form", "浙江省最低生活保障对象办理审批表", "社救审", n) | {
        "applicant": APPLICANT,
        "applied_on": "2026年2月16日",
        "accepted_on": "2026年2月16日",
        "cause": "因病",
        "n_members": 3,
        "n_covered": 2,
        "members": MEMBERS,
        "payee": "林秀英　温州银行洞头支行　***************8901",
        "findings": [{"label": "核实情况", "choice": "入户调查", "note": "因病致贫，情况属实。"}],
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
    return common_data("notice_form", "浙江省最低生活保障对象办理公示表", "社救示", n) | {
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
    return common_data("refusal_notice", "不符合最低生活保障告知书", "社救不予", n) | {
        "applicant_name": RARE_NAME,
        "applied_on": "2026年2月16日",
        "reason": "经核对，你户名下有货币财产 180,000.00 元，超过规定限额。",
        "facts": ["货币财产：180,000.00 高于 4 × 年标准 13,020.00 × 2 人 = 104,160.00"],
        "bases": [
            "《最低生活保障审核确认办法》（民发〔2021〕57号）：家庭财产包括存款、证券、基金、商业保险、债权、"
            "互联网金融资产、车辆和房屋、林木等。"
        ],
        "contact": "陈海燕",
        "hotlines": ["0577-63380000"],
        "office": "北岙街道",
        "decided_on": "2026年3月12日",
    }


def joint_application(n: int) -> dict:
    programmes = ("最低生活保障", "最低生活保障边缘家庭", "特困人员救助供养", "临时救助")
    declared = [("林秀英　工资性收入", "每月 1,200.00 元"), ("存款、证券等货币财产", "12,000.00 元")]
    declared += [("机动车辆数", "0 辆"), ("住房套数", "1 套"), ("刚性支出（慢性病自付）", "每月 240.00 元")]
    title = "浙江省困难群众“一件事”救助联办申请表"
    return common_data("joint_application", title, "社救申", n) | {
        "applicant": APPLICANT,
        "applied_on": "2026年2月16日",
        "residence": "户籍在本县（市、区），居住在本县（市、区）",
        "programmes": [{"label": name, "chosen": name == programmes[0]} for name in programmes],
        "cause": "因病",
        "statement": "本人患慢性病，丈夫重病，无力承担医药费用。",
        "members": MEMBERS,
        "declared": [{"label": label, "value": value} for label, value in declared],
        "payee": "林秀英　温州银行洞头支行　***************8901",
        "signers": [{"name": member["name"], "minor": member["age"] < 18} for member in MEMBERS],
    }


def authorisation(n: int) -> dict:
    people = [{"name": m["name"], "id_number": m["id_number"], "minor": False} for m in MEMBERS]
    people.append({"name": "林㛃𬭎", "id_number": "330305201505010028", "minor": True, "guardian": "林秀英"})
    return common_data("authorisation", "居民家庭经济状况核对授权书", "社救授", n) | {
        "people": people,
        "minors": people[-1:],
        "scope": "公安、民政等部门掌握的户籍、婚姻等信息；银行等金融机构掌握的存款等信息。",
        "period": "自签署之日起，至本户退出所申请的救助事项（含动态管理和监测期）之日止。",
    }


def self_care_form(n: int) -> dict:
    able = {"自主吃饭": True, "自主穿衣": True, "自主上下床": True}
    able |= {"自主如厕": False, "室内自主行走": True, "自主洗澡": False}
    return common_data("self_care_form", "特困人员生活自理能力评估表", "社救评", n) | {
        "programme": "特困人员救助供养",
        "applicant": APPLICANT,
        "answers": [{"label": label, "able": answer} for label, answer in able.items()],
        "failed": 2,
        "grade": "部分丧失生活自理能力",
        "assessed_on": "2026年3月2日",
        "assessors": "陈海燕、郑阿强",
        "entrusted_to": "",
    }


def _agreement(kind: str, title: str, word: str, n: int, *, institution: bool) -> dict:
    return common_data(kind, title, word, n) | {
        "programme": "特困人员救助供养",
        "applicant": APPLICANT,
        "institution": institution,
        "placement": "集中供养" if institution else "分散供养",
        "grade": "部分丧失生活自理能力",
        "standard": "基本生活费每月 1,628.00 元，照料护理费每月 814.00 元，标准调整的随之调整。",
        "carer": {
            "name": "洞头区社会福利中心" if institution else RARE_NAME,
            "contact": "0577-63380000",
            "payee": "张𠮷𬱖，温州银行洞头支行，6222020000000000008",
        },
        "signed_on": "2026年3月5日",
    }


def service_agreement(n: int) -> dict:
    title = "浙江省特困人员救助供养服务协议"
    return _agreement("service_agreement", title, "社救协", n, institution=True)


def care_agreement(n: int) -> dict:
    title = "分散供养特困人员照料服务协议"
    return _agreement("care_agreement", title, "社救照", n, institution=False)


def _attempt(at: str, event: str, **values) -> dict:
    empty = dict.fromkeys(("place", "receiver", "relation", "reason", "mail_number", "ends_at", "proof"), "")
    return {"at": at, "event": event, "servers": [], "witnesses": []} | empty | values


def service_receipt(n: int) -> dict:
    staff = ["陈海燕", "郑阿强"]
    return common_data("service_receipt", "送达回证", "社救送", n) | {
        "recipient": RARE_NAME,
        "paper": {"title": "不符合最低生活保障告知书", "number": "洞头区北岙街道社救不予〔2026〕1号"},
        "office": "北岙街道",
        "served_at": "2026年3月13日15时00分",
        "attempts": [
            _attempt("2026年3月13日9时00分", "直接送达：拒绝签收", place="三盘村海滨路", servers=staff)
            | {"reason": "不认可核对结果，拒绝签字。"},
            _attempt("2026年3月13日15时00分", "留置送达", place="三盘村海滨路", servers=staff)
            | {
                "reason": "仍拒绝签字，文书留在住所。",
                "witnesses": ["林㛃", "叶䶮"],
                "proof": "0a1b2c3d4e5f6071",
            },
        ],
    }


FORMS: dict[str, Callable[[int], dict]] = {
    "入户调查表": visit_form,
    "公示表": notice_form,
    "审批表": decision_form,
    "不符合告知书": refusal_notice,
    "联办申请表": joint_application,
    "核对授权书": authorisation,
    "自理能力评估表": self_care_form,
    "供养服务协议": service_agreement,
    "照料服务协议": care_agreement,
    "送达回证": service_receipt,
}
