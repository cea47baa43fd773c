from django.db import models

from organisations.enums import Post

# Who reads cases: those who work on them, pay by them, or watch over them (LC-4.5). Partner departments ask
# through the status interface; rule writers and administrators have no business with people.
READING_POSTS = (
    Post.VILLAGE_HELPER,
    Post.HANDLER,
    Post.REVIEWER,
    Post.APPROVER,
    Post.DISCIPLINE,
    Post.TOWN_PAYMENTS,
    Post.DISTRICT_PAYMENTS,
    Post.DISTRICT_FINANCE,
    Post.AUDITOR,
)


class Programme(models.TextChoices):
    DIBAO = "dibao", "最低生活保障"
    DIBIAN = "dibian", "最低生活保障边缘家庭"
    TEKUN = "tekun", "特困人员救助供养"
    LINSHI = "linshi", "临时救助"

    @property
    def short(self) -> str:
        """What colleagues say, for narrow columns."""
        return {"dibao": "低保", "dibian": "低边", "tekun": "特困", "linshi": "临时救助"}[self.value]


# What the registration screen offers: programmes whose rules, means test and procedure are all there.
OPEN_PROGRAMMES = (Programme.DIBAO, Programme.DIBIAN, Programme.TEKUN, Programme.LINSHI)
# A person is in one of these at most; 临时救助 stands beside them.
EXCLUSIVE_PROGRAMMES = (Programme.DIBAO, Programme.DIBIAN, Programme.TEKUN)


class Channel(models.TextChoices):
    WINDOW = "window", "窗口"
    ONLINE = "online", "线上"
    VILLAGE = "village", "村社代办"


class ApplicationState(models.TextChoices):
    """Where an application stands. Only approvals/services.py moves it."""

    DRAFT = "draft", "登记中"
    SUBMITTED = "submitted", "待受理"
    AWAITING_MATERIALS = "awaiting_materials", "待补正"
    ACCEPTED = "accepted", "待委托核对"
    CHECKING = "checking", "核对中"
    VISITING = "visiting", "待入户调查"
    REVIEWING = "reviewing", "待初审"
    SETTLING = "settling", "一事一议"
    PUBLISHED = "published", "公示中"
    DECIDING = "deciding", "待审批"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"


OPEN_STATES = frozenset(
    {
        ApplicationState.SUBMITTED,
        ApplicationState.AWAITING_MATERIALS,
        ApplicationState.ACCEPTED,
        ApplicationState.CHECKING,
        ApplicationState.VISITING,
        ApplicationState.REVIEWING,
        ApplicationState.SETTLING,
        ApplicationState.PUBLISHED,
        ApplicationState.DECIDING,
    }
)
FINAL_STATES = frozenset({ApplicationState.APPROVED, ApplicationState.REFUSED, ApplicationState.WITHDRAWN})


class Sex(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


class Relation(models.TextChoices):
    SELF = "self", "本人"
    SPOUSE = "spouse", "配偶"
    MINOR_CHILD = "minor_child", "未成年子女"
    DEPENDENT_ADULT_CHILD = "dependent_adult_child", "不能独立生活的成年子女"
    PARENT = "parent", "父母"
    OTHER_SUPPORTED = "other_supported", "其他有法定赡养、扶养、抚养关系的成员"


class Exclusion(models.TextChoices):
    """Why a member of the register is not counted (民发〔2021〕57号 第六条)."""

    RELIGIOUS_3Y = "religious_3y", "宗教教职人员脱离家庭独立生活满三年"
    PRISON = "prison", "在监狱服刑"
    COMPULSORY_REHAB = "compulsory_rehab", "强制隔离戒毒"
    DECLARED_MISSING = "declared_missing", "宣告失踪"
    LEFT_3Y = "left_3y", "出走或失联满三年"


class DisabilityKind(models.TextChoices):
    VISION = "vision", "视力"
    HEARING = "hearing", "听力"
    SPEECH = "speech", "言语"
    PHYSICAL = "physical", "肢体"
    INTELLECTUAL = "intellectual", "智力"
    MENTAL = "mental", "精神"
    MULTIPLE = "multiple", "多重"


class IncomeKind(models.TextChoices):
    WAGE = "wage", "工资性收入"
    BUSINESS = "business", "经营净收入"
    PROPERTY = "property", "财产净收入"
    TRANSFER = "transfer", "转移净收入"
    OTHER = "other", "其他收入"


class ExemptKind(models.TextChoices):
    """Income that is not counted (民发〔2021〕57号 第十四条)."""

    PREFERENTIAL = "preferential", "优待抚恤金"
    FAMILY_PLANNING = "family_planning", "计划生育奖励与扶助"
    SCHOLARSHIP = "scholarship", "奖学金、助学金"
    BRAVERY_AWARD = "bravery_award", "见义勇为等奖励"
    ASSISTANCE = "assistance", "政府给予的社会救助款物"
    BASIC_PENSION = "basic_pension", "城乡居民养老保险中央基础养老金"


class Origin(models.TextChoices):
    DECLARED = "declared", "申报"
    CHECKED = "checked", "核对"


class Cause(models.TextChoices):
    ILLNESS = "illness", "因病"
    DISABILITY = "disability", "因残"
    SCHOOLING = "schooling", "因学"
    DISASTER = "disaster", "因灾"
    NO_LABOUR = "no_labour", "缺劳动力"
    UNEMPLOYED = "unemployed", "失业"
    OTHER = "other", "其他"


class Supporter(models.TextChoices):
    """Who is bound by law to support the person, and whether they can (LY-2.4)."""

    NONE = "none", "无法定义务人"
    UNABLE = "unable", "有法定义务人，无履行能力"
    ABLE = "able", "有法定义务人，有履行能力"


class Placement(models.TextChoices):
    """How a person in 特困 is provided for (DT-7.1, DT-7.2)."""

    INSTITUTION = "institution", "集中供养"
    HOME = "home", "分散供养"


class CarerKind(models.TextChoices):
    INSTITUTION = "institution", "供养服务机构"
    CARER = "carer", "照料服务人"


class LinshiKind(models.TextChoices):
    """支出型 by the ordinary procedure, 急难型 helped first (DT-3.2)."""

    EXPENDITURE = "expenditure", "支出型"
    EMERGENCY = "emergency", "急难型"


class LinshiCause(models.TextChoices):
    MEDICAL = "medical", "医疗费用"
    EDUCATION = "education", "教育费用"
    ACCIDENT = "accident", "意外事件"
    DISASTER = "disaster", "灾害"
    OTHER = "other", "其他"


# The six indicators of self-care in the order of the law (DT-2.2), by the field that keeps the answer.
SELF_CARE_INDICATORS = {
    "can_eat": "自主吃饭",
    "can_dress": "自主穿衣",
    "can_rise": "自主上下床",
    "can_toilet": "自主如厕",
    "can_walk": "室内自主行走",
    "can_bathe": "自主洗澡",
}


class AttachmentKind(models.TextChoices):
    MATERIAL = "material", "申请材料"
    AGREEMENT = "agreement", "服务协议"
    VISIT_PHOTO = "visit_photo", "入户照片"
    SIGNATURE = "signature", "签字页"
    REPORT = "report", "核对报告"
    BOARD_PHOTO = "board_photo", "公示照片"
    APPRAISAL = "appraisal", "评议签字表"


class Dimension(models.TextChoices):
    """The six dimensions of a home visit (LC-2.1)."""

    ECONOMIC = "economic", "经济状况"
    HEALTH = "health", "健康状况"
    EDUCATION = "education", "教育状况"
    HOUSING = "housing", "居住状况"
    EMPLOYMENT = "employment", "就业状况"
    SOCIAL = "social", "社会参与"


# The tiles of the home visit, one row a dimension; the words themselves are stored and printed.
VISIT_CHOICES: dict[str, tuple[str, ...]] = {
    Dimension.ECONOMIC: ("与申报相符", "好于申报", "差于申报"),
    Dimension.HEALTH: ("健康", "慢性病", "重病", "残疾"),
    Dimension.EDUCATION: ("无在校成员", "义务教育", "高中及以上", "失学辍学"),
    Dimension.HOUSING: ("自有", "租住", "借住", "危房"),
    Dimension.EMPLOYMENT: ("在职", "灵活就业", "未就业", "无劳动能力"),
    Dimension.SOCIAL: ("正常参与", "较少参与", "基本不参与"),
}
