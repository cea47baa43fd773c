"""What is typed on the pages of price figures."""

from __future__ import annotations

from datetime import date

from django import forms

from common import clock
from organisations.models import Area
from payments.models import PriceIndex
from payments.price import months_to_judge
from payments.terms import say_month
from policy.price import Figures


def _change(label: str, *, help_text: str = "", required: bool = True) -> forms.DecimalField:
    """A year-on-year change in percent."""
    return forms.DecimalField(
        label=label,
        max_digits=5,
        decimal_places=2,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": "请填写同比涨幅。",
            "invalid": "请填写数字，如 3.2 表示上涨 3.2%，-0.3 表示下降 0.3%。",
        },
    )


class CorrectionForm(forms.Form):
    """The figures of a month as published, and why they take the place of others."""

    cpi = _change("居民消费价格同比涨幅（%）", help_text="上涨 3.2% 填 3.2，下降 0.3% 填 -0.3。")
    food = _change("食品价格同比涨幅（%）")
    scpi = _change(
        "低收入居民基本生活费用价格同比涨幅（%）",
        required=False,
        help_text="当地编制并公布的填写；没有编制的留空，按居民消费价格测算。",
    )
    published_on = forms.DateField(
        label="指数发布日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写指数发布日期。", "invalid": "请填写日期，如 2026-02-11。"},
    )
    source = forms.CharField(
        label="发布单位及文件",
        max_length=200,
        help_text="如“国家统计局焦作调查队 2026 年 1 月价格数据”。",
        error_messages={"required": "请填写发布单位及文件。"},
    )
    reason = forms.CharField(
        label="更正理由", max_length=200, error_messages={"required": "请填写更正理由。"}
    )

    def typed(self) -> dict:
        """What the services take: the three changes as one value."""
        values = dict(self.cleaned_data)
        return values | {"figures": Figures(values.pop("cpi"), values.pop("food"), values.pop("scpi"))}


class FigureForm(CorrectionForm):
    """The first figure of a city and month."""

    city = forms.ChoiceField(label="设区市")
    month = forms.ChoiceField(label="指数月份")
    reason = None
    field_order = ["city", "month"]

    def __init__(self, data=None, *, cities: list[Area], **kwargs) -> None:
        super().__init__(data, **kwargs)
        self._cities = {city.code: city for city in cities}
        self.fields["city"].choices = [(city.code, city.name) for city in cities]
        months = months_to_judge(clock.today())
        self.fields["month"].choices = [(f"{month:%Y-%m}", say_month(month)) for month in months]

    def typed(self) -> dict:
        values = super().typed()
        month = date.fromisoformat(f"{values['month']}-01")
        return values | {"city": self._cities[values["city"]], "month": month}


def as_typed(figure: PriceIndex) -> dict:
    """A figure as it stands in the form that corrects it."""
    names = ("cpi", "food", "scpi", "published_on", "source")
    return {name: getattr(figure, name) for name in names}
