"""Every form against the list of what it has to show (facts.md 11), short and at its longest."""

import re
import subprocess
from functools import cache

import pytest

from approvals.documents.registry import FORMS
from approvals.documents.render import render_one
from approvals.enums import DocumentKind as Kind
from tests.approvals.forms_decided import EVERY_FORM
from tests.approvals.long_forms import LONG_NAME, N_MEMBERS, RAREST, lengthened

_MEMBERS = "家庭成员姓名 性别 年龄 与申请人关系 身份证号 残疾、重病及备注"
_REMEDIES = "60日内 行政复议 6个月内 行政诉讼"
_PARTIES = "甲方（乡镇街道） 乙方（特困人员） 丙方 供养 自理能力等级 监护人签名 签订日期 终止"

# What facts.md 11 asks of each paper, as the words that stand on it.
_RECEIPT = (
    "救助对象 身份证号 救助事项 申请编号 特殊情况 救助金额 大写 发放方式 批准 实物名称 数量 价值 已收到"
    " 领取人签名 领取日期 代领人与救助对象关系 发放人员签名 两人 盖章"
)
FIELDS = {
    Kind.JOINT_APPLICATION: (
        "申请人 联系电话 户籍居住 居住地址 申请事项 困难原因 收入财产申报 承诺 共同生活成员"
        f" 签名、按印 不共同生活 义务人代表 代办人 村、社区 受理人 {_MEMBERS}"
    ),
    Kind.AUTHORISATION: (
        "授权人 证件类型 证件号码 签名、指印 被代理人 法定代理人 与授权人关系 授权范围 授权期限"
        " 一式三份 重新签署 电子签名 编号"
    ),
    Kind.MATERIALS_NOTICE: (
        "一次性告知 尚缺下列材料 不再要求补充其他材料 咨询电话 收件人签名 收到日期 经办人"
    ),
    Kind.VISIT_FORM: (
        f"入户时间 户籍居住 居住地址 救助类别 {_MEMBERS} 家庭收入 申报（每月；全年） 核对 家庭财产"
        " 机动车辆数 住房套数 刚性支出 致困原因 入户所见 居住状况 就业状况 邻里走访 调查结论 调查人"
        " 在场家庭成员"
    ),
    Kind.SELF_CARE_FORM: (
        "评估指标 自主吃饭 自主穿衣 自主上下床 自主如厕 室内自主行走 自主洗澡 不能自主完成项数"
        " 自理能力等级 评估日期 评估人 被评估人 见证人"
    ),
    Kind.NOTICE_FORM: (
        "姓名 村（社区） 救助类型 家庭 保障 人口 拟保障金额 公示期 公示地点 监督举报电话 （盖章）"
    ),
    Kind.DECISION_FORM: (
        f"申请人 性别 年龄 申请日期 受理日期 家庭人口 保障人口 致困原因 收款账户 {_MEMBERS} 测算明细"
        " 人均月收入 依据 初审意见 公示情况 无异议 审批意见 每月发放 （大写） （小写 起 （盖章）"
    ),
    Kind.REFUSAL_NOTICE: (
        f"申请编号 核查事实与理由 依据 救济途径 联系人 监督电话 收件人签名 送达人签名 （盖章） {_REMEDIES}"
    ),
    Kind.SERVICE_AGREEMENT: f"{_PARTIES} 服务内容 丧葬 标准和拨付 财产 探访 权利和义务 变更和终止 违约",
    Kind.CARE_AGREEMENT: f"{_PARTIES} 联系电话 与乙方关系 账户 费用 考核 监督人",
    Kind.CASE_BY_CASE_FORM: (
        "申请人 联系电话 申请事项 符合情形 基本情况 经核查 民主评议结果 街镇认定意见 有效期 （大写）"
        " 经办人 审核人 负责人 （盖章）"
    ),
    Kind.APPRAISAL_RECORD: (
        "时间 地点 主持人 到会人员 身份 人数 规定不少于 情况介绍 同意 不同意 弃权 评议结论 纪（工）委"
        " 记录人 姓名（签名）"
    ),
    Kind.CHANGE_PRIOR_NOTICE: (
        "拟处理内容 原每月 （大写） 事实和理由 依据 陈述和申辩 3日内 联系、监督电话 （盖章）"
    ),
    Kind.CHANGE_DECISION: (
        f"决定内容 事实和理由 依据 陈述申辩情况 复核意见 次月起执行 监督电话 （盖章） {_REMEDIES}"
    ),
    Kind.ENDING_NOTICE: "姓名 村（社区） 救助类型 拟处理意见 公示期 公示地点 监督举报电话 （盖章）",
    Kind.RENEWAL_REFUSAL: (
        "申请编号 情形 有效期 期满失效 停发 事实与理由 依据 救济途径 联系人 监督电话 收件人签名 送达人签名"
        f" （盖章） 重新申请 {_REMEDIES}"
    ),
    Kind.SERVICE_RECEIPT: (
        "送达文书 受送达人 送达机关 送达时间 方式及结果 地点 收件人签名 见证人签名 送达人签名"
        " 事由、备注 附凭据"
    ),
    Kind.JOINT_MINUTES: (
        "研究对象 申请事项 时间 地点 主持人 初审意见 参加人员 回避人员 表决 同意 不同意 弃权 研究意见"
        " 研究结论 记录人"
    ),
    Kind.RECOVERY_NOTICE: (
        "拟追缴金额 （大写） 所属月份 实发 应发 多发 事实和理由 事由 依据 拟追缴方式 陈述和申辩 3日内"
        " 联系、监督电话 （盖章）"
    ),
    Kind.RECOVERY_DECISION: (
        "追缴金额 （大写） 所属月份 实发 应发 多发 事实和理由 陈述申辩情况 复核意见 缴回方式 收款单位"
        f" 监督电话 （盖章） {_REMEDIES}"
    ),
    Kind.REPAYMENT_PLAN: (
        "申请编号 提出调整 理由 同意调整 尚应缴回 （大写） 期次 应缴日期 金额 收款单位 监督电话 （盖章）"
    ),
    Kind.MONEY_STATEMENT: "申请人 申请编号 出具日期 年度 笔数 应发 已发 所属月份 种类 累计已发 发放经过 尾号",
    Kind.HAND_OVER_RECEIPT: _RECEIPT,
    Kind.RELIEF_RECEIPT: _RECEIPT,
}
# Told to nobody but the program.
_UNSEEN = {"kind", "check_url", "clause"}
EVERY_KIND = sorted(FORMS)


def _shown(pdf: bytes) -> str:
    """The text in the order in which it was drawn, so that no cell runs into its neighbour."""
    found = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return found.stdout.decode()


def words_of(pdf: bytes) -> str:
    return _plain(_shown(pdf))


@cache
def longest(kind: str) -> bytes:
    return render_one(lengthened(EVERY_FORM[kind](1)))


def texts(value, key: str = ""):
    """Every text in the data of a form that a reader is to see."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from texts(part, name)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part, key)
    elif isinstance(value, str) and key not in _UNSEEN:
        yield key, value


def test_every_kind_has_its_list_and_its_examples():
    assert set(FORMS) == set(FIELDS) == set(EVERY_FORM) == set(Kind)


def test_no_two_kinds_share_a_series_of_numbers():
    """A number names one paper: 社救评〔2026〕1号 of two kinds could not both be kept."""
    words = [form.word for form in FORMS.values()]
    assert len(set(words)) == len(words)


@pytest.mark.clause("SY-A1.5a")
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_form_shows_every_field_of_its_list(kind):
    shown = words_of(render_one(EVERY_FORM[kind](1)))
    assert [word for word in FIELDS[kind].split() if word not in shown] == []


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_everything_that_a_form_was_made_of_stands_on_it_however_long(kind):
    form = EVERY_FORM[kind](1)
    # Between the pages stand the running head and the number of the page.
    between = f"(?:{re.escape(_plain(form['title'] + form['number']))})?—\\d+—"
    shown = re.sub(between, "", words_of(longest(kind)))
    lost = [
        (key, text)
        for key, text in texts(lengthened(form))
        if _plain(text) not in shown and not _known_elsewhere(kind, key)
    ]
    assert lost == []


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text)


# Kept with the paper for whoever reads its data, but not on it, or there in other words.
_SAID_OTHERWISE = {
    Kind.CARE_AGREEMENT: {"sex", "relation", "remark", "phone"},
    Kind.SERVICE_AGREEMENT: {"sex", "relation", "remark", "phone", "payee"},
    Kind.CASE_BY_CASE_FORM: {"sex", "relation", "remark", "id_number"},
    Kind.SELF_CARE_FORM: {"relation", "phone"},
    Kind.CHANGE_PRIOR_NOTICE: {"what", "was"},
    Kind.CHANGE_DECISION: {"what", "was", "made_on"},
}


def _known_elsewhere(kind: str, key: str) -> bool:
    shared = {"made_on", "application_number", "programme", "county", "township", "village"}
    return key in shared or key in _SAID_OTHERWISE.get(kind, set())


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_nothing_leaves_the_paper_and_later_pages_say_what_they_are(kind):
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=longest(kind), capture_output=True, check=True
    ).stdout.decode()
    corners = re.findall(r'<word xMin="([-.\d]+)" yMin="([-.\d]+)" xMax="([-.\d]+)" yMax="([-.\d]+)"', boxes)
    # A4 in points, with 12 mm at the sides that no printer reaches.
    assert all(34 < float(x) and float(to_x) < 561 for x, _, to_x, _ in corners)
    assert all(20 < float(y) and float(to_y) < 830 for _, y, _, to_y in corners)
    pages = [_plain(page) for page in _shown(longest(kind)).split("\f")[:-1]]
    form = EVERY_FORM[kind](1)
    assert [form["title"] in page and form["number"] in page for page in pages] == [True] * len(pages)
    assert [f"—{n}—" in page for n, page in enumerate(pages, start=1)] == [True] * len(pages)


@pytest.mark.parametrize("kind", [Kind.JOINT_APPLICATION, Kind.VISIT_FORM, Kind.DECISION_FORM])
def test_twelve_members_with_long_and_rare_names(kind):
    shown = words_of(longest(kind))
    assert shown.count(LONG_NAME) >= N_MEMBERS
    assert f"林{RAREST}" in shown
    fonts = subprocess.run(["pdffonts", "-"], input=longest(kind), capture_output=True, check=True)
    assert all(line.split()[-5] == "yes" for line in fonts.stdout.decode().splitlines()[2:])
