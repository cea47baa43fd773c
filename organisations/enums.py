from django.db import models


class AreaLevel(models.TextChoices):
    NATION = "nation", "全国"
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "街道（乡镇）"
    VILLAGE = "village", "村（社区）"


class Post(models.TextChoices):
    """The posts (岗位) a person can hold in an area."""

    VILLAGE_HELPER = "village_helper", "村社协理岗"
    HANDLER = "handler", "经办岗"
    REVIEWER = "reviewer", "审核岗"
    APPROVER = "approver", "审批岗"
    DISCIPLINE = "discipline", "纪（工）委监督岗"
    TOWN_PAYMENTS = "town_payments", "街镇发放岗"
    AUDITOR = "auditor", "区级监督岗"
    DISTRICT_PAYMENTS = "district_payments", "区级发放岗"
    DISTRICT_FINANCE = "district_finance", "区级财政岗"
    PARTNER = "partner", "联办部门岗"
    RULE_WRITER = "rule_writer", "规则起草岗"
    RULE_PUBLISHER = "rule_publisher", "规则发布岗"
    ADMINISTRATOR = "administrator", "系统管理岗"


class AccountEventKind(models.TextChoices):
    """What happens to accounts and is kept for ever."""

    CREATED = "created", "建立账号"
    APPOINTED = "appointed", "任职"
    POSTING_ENDED = "posting_ended", "结束任职"
    PASSWORD_SET = "password_set", "重置密码"
    PASSWORD_CHANGED = "password_changed", "本人修改密码"
    SECOND_FACTOR_ENROLLED = "second_factor_enrolled", "绑定动态口令"
    SECOND_FACTOR_RESET = "second_factor_reset", "解除动态口令"
    RECOVERY_CODES = "recovery_codes", "生成备用码"
    ACTIVATED = "activated", "启用账号"
    DEACTIVATED = "deactivated", "停用账号"
    UNLOCKED = "unlocked", "解除登录锁定"
    TOKEN_ISSUED = "token_issued", "发放接口令牌"
    TOKEN_ENDED = "token_ended", "停用接口令牌"
