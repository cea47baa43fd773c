"""Who is where: the area tree, people with accounts, and the posts they hold."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Length

from common import clock
from common.append_only import ChainedRecord, chained_triggers
from organisations.enums import AccountEventKind, AreaLevel, Post


class DateRangeOf(Func):
    """`daterange(from, to)`: half-open, as all our periods are."""

    function = "DATERANGE"
    output_field = DateRangeField()


class AreaQuerySet(models.QuerySet):
    def within(self, area: Area) -> AreaQuerySet:
        """The area itself and all below it."""
        return self.filter(prefix__startswith=area.prefix)

    def chain_of(self, area: Area) -> AreaQuerySet:
        """The area and all above it, nearest first: the way a rule is looked up."""
        prefixes = [area.prefix[:length] for length in (0, 2, 4, 6, 9, 12) if length <= len(area.prefix)]
        return self.filter(prefix__in=prefixes).order_by("-code_length")


class Area(models.Model):
    """One place of the tree. `code` is the published division code, `prefix` its significant part.

    A prefix of 0, 2, 4, 6, 9 or 12 digits is nation, province, city, county, township, village; every
    area above a place is a prefix of it, so scope is a prefix comparison.
    """

    code = models.CharField("区划代码", max_length=12, unique=True)
    prefix = models.CharField("有效代码", max_length=12, unique=True, blank=True)
    code_length = models.GeneratedField(
        expression=Length("prefix"), output_field=models.IntegerField(), db_persist=True
    )
    name = models.CharField("名称", max_length=60)
    abbreviation = models.CharField(
        "编号简称", max_length=6, blank=True, help_text="县级填写，用作申请编号的前缀，如 DT"
    )
    level = models.CharField("层级", max_length=10, choices=AreaLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区划"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="area_code_starts_with_its_prefix",
                condition=Q(code__startswith=F("prefix")),
                violation_error_message="区划代码须以有效代码开头。",
            ),
            models.CheckConstraint(
                name="only_the_nation_has_no_parent",
                condition=Q(parent__isnull=True, level=AreaLevel.NATION) | Q(parent__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="area_prefix_like", fields=["prefix"], opclasses=["varchar_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.name


class Population(models.Model):
    """户籍人口 of a place at the end of a year, by the yearbook of the police (SY-4.4c, LY-3.1)."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="populations", verbose_name="区域")
    year = models.PositiveSmallIntegerField("年末年份")
    hukou = models.PositiveIntegerField("户籍人口（人）")

    class Meta:
        verbose_name = verbose_name_plural = "户籍人口"
        ordering = ["-year", "area__code"]
        constraints = [
            models.UniqueConstraint(
                name="one_population_a_year",
                fields=["area", "year"],
                violation_error_message="该区域该年的户籍人口已经录入。",
            ),
            models.CheckConstraint(
                name="population_is_counted",
                condition=Q(hukou__gt=0, year__gte=2000, year__lte=2100),
                violation_error_message="请核对年份和人口数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.year} 年末"


class User(AbstractUser):
    """An account of one person. What the person may do comes from postings, never from is_superuser."""

    name = models.CharField("姓名", max_length=60)
    first_name = None
    last_name = None
    relatives_declared_on = models.DateField("近亲属备案日期", null=True, blank=True)
    must_change_password = models.BooleanField(
        "须修改密码", default=False, help_text="密码由他人设定，本人登录后须先改为只有自己知道的密码"
    )

    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """What colleagues see."""
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class PostingQuerySet(models.QuerySet):
    def on(self, day: date) -> PostingQuerySet:
        """Those in force on `day`."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)

    def current(self) -> PostingQuerySet:
        return self.on(clock.today())


class Posting(models.Model):
    """One person holds one post in one area from a day on, up to but not including another."""

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name="人员")
    post = models.CharField("岗位", max_length=20, choices=Post.choices)
    area = models.ForeignKey(Area, models.PROTECT, related_name="postings", verbose_name="区域")
    department = models.CharField("部门", max_length=60, blank=True, help_text="联办部门岗填写，如“区教育局”")
    valid_from = models.DateField("任职日期")
    valid_to = models.DateField("离任日期（不含）", null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering = ["area__code", "post"]
        constraints = [
            ExclusionConstraint(
                name="posting_periods_do_not_overlap",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("post", RangeOperators.EQUAL),
                    ("area", RangeOperators.EQUAL),
                    (DateRangeOf("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message="此人在该区域的同一岗位任职时间重叠。",
            ),
            models.CheckConstraint(
                name="posting_ends_after_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                violation_error_message="离任日期应晚于任职日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.name} · {self.get_post_display()}"


class PersonalDataRead(ChainedRecord):
    """One unmasked look at somebody's personal data: who, at what, why, from where."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="查看人")
    subject = models.CharField("对象", max_length=80, help_text="类型与主键，如 person:12；不含个人信息")
    fields = models.CharField("查看内容", max_length=200)
    reason = models.CharField("事由", max_length=200)
    ip = models.GenericIPAddressField("来源地址", null=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "个人信息查看记录"
        constraints = [
            models.UniqueConstraint(name="data_read_chain_is_a_line", fields=["stream", "sequence"])
        ]
        indexes = [models.Index(name="data_read_by_user", fields=["user", "at"])]
        triggers = chained_triggers("personal_data_read")

    def __str__(self) -> str:
        return f"{self.user} {self.subject}"


class AccountEvent(ChainedRecord):
    """One change to an account or its postings: who did it, to whom, what. Nobody alters it afterwards."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="账号")
    actor = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name="办理人",
        help_text="空为命令行",
    )
    kind = models.CharField("事项", max_length=24, choices=AccountEventKind.choices)
    detail = models.CharField("内容", max_length=200, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "账号变更记录"
        constraints = [
            models.UniqueConstraint(name="account_event_chain_is_a_line", fields=["stream", "sequence"])
        ]
        indexes = [models.Index(name="account_event_by_user", fields=["user", "at"])]
        triggers = chained_triggers("account_event")

    def __str__(self) -> str:
        return f"{self.user} {self.get_kind_display()}"


class ApiToken(models.Model):
    """Lets a script of another department ask in the name of one account, for a time.

    Only a digest is kept: the token has 256 random bits, so a plain SHA-256 cannot be guessed backwards.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="api_tokens", verbose_name="账号")
    name = models.CharField("用途", max_length=60, help_text="哪个部门的哪个程序使用，如“区教育局资助系统”")
    digest = models.CharField("摘要", max_length=64, unique=True, editable=False)
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("失效日期（不含）")
    last_used_on = models.DateField("最近使用", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "接口令牌"
        constraints = [
            models.CheckConstraint(
                name="api_token_ends_after_it_starts",
                condition=Q(valid_to__gte=F("valid_from")),
                violation_error_message="失效日期不能早于启用日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
