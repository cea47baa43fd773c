"""Keys about the bank of a payer: the form of its files, the form of its answers, and its accounts."""

from __future__ import annotations

from policy.key_types import Kind, RuleKey

# What a column of a bank file can hold.
BANK_COLUMNS = (
    ("line", "行号"),
    ("payee", "收款人"),
    ("account", "收款账号"),
    ("bank", "开户银行"),
    ("amount", "金额"),
    ("summary", "摘要"),
    ("month", "所属月份"),
    ("township", "街道（乡镇）"),
    ("village", "村（社区）"),
    ("file_number", "代发文件编号"),
)
# What a column of the bank's answer can hold.
ANSWER_COLUMNS = (
    ("file_number", "代发文件编号"),
    ("line", "行号"),
    ("payee", "收款人"),
    ("account", "收款账号"),
    ("amount", "金额"),
    ("result", "结果"),
    ("failure", "失败原因"),
    ("paid_on", "入账日期"),
)
# What the bank's word or code for a result says.
RESULTS = (("paid", "成功"), ("failed", "失败"))
_ENCODINGS = (("gb18030", "GB18030"), ("utf-8-sig", "UTF-8"))
SEPARATORS = (("comma", "逗号"), ("tab", "制表符"), ("bar", "竖线 |"))
DAY_FORMATS = (
    ("YYYY-MM-DD", "2026-03-09"),
    ("YYYYMMDD", "20260309"),
    ("YYYY/MM/DD", "2026/03/09"),
    ("DD/MM/YYYY", "09/03/2026"),
)


def rule_keys() -> list[RuleKey]:
    """What is agreed with the bank once, and then read from here."""
    return [
        *_file(),
        *_answer(),
        RuleKey(
            "payments.account.luhn",
            "收款账号为银行卡号的须通过校验位",
            Kind.FLAG,
            description="16 位以上、以 62 开头的为银行卡号；存折和村镇账户没有校验位，不受此限",
        ),
    ]


def _file() -> list[RuleKey]:
    """The form of the file that a payer's bank reads."""
    columns = "按银行要求的先后，每列的名称和内容；行号、收款人、收款账号、金额不可缺少"
    return [
        RuleKey("payments.bank.columns", "代发文件各列", Kind.LIST, "", BANK_COLUMNS, columns),
        RuleKey("payments.bank.encoding", "代发文本文件编码", Kind.CHOICE, "", _ENCODINGS),
        RuleKey("payments.bank.separator", "代发文本文件各列之间的分隔", Kind.CHOICE, "", SEPARATORS),
        RuleKey("payments.bank.control_line", "代发文件首行为控制总数", Kind.FLAG),
        RuleKey("payments.bank.total_line", "代发表格末行为合计", Kind.FLAG),
    ]


def _answer() -> list[RuleKey]:
    """The form in which the bank answers."""
    columns = "按银行回盘的先后，每列的名称和内容；行号、金额、结果、入账日期不可缺少"
    results = (
        "编码为银行所写的结果或代码，名称为其含义（失败的作失败原因），条件写 paid（成功）或 failed（失败）"
    )
    return [
        RuleKey("payments.answer.columns", "回盘各列", Kind.LIST, "", ANSWER_COLUMNS, columns),
        RuleKey("payments.answer.encoding", "回盘文本文件编码", Kind.CHOICE, "", _ENCODINGS),
        RuleKey("payments.answer.separator", "回盘文本文件各列之间的分隔", Kind.CHOICE, "", SEPARATORS),
        RuleKey("payments.answer.header", "回盘首行为列名", Kind.FLAG),
        RuleKey("payments.answer.total_line", "回盘末行必有合计", Kind.FLAG),
        RuleKey("payments.answer.date_format", "回盘中日期的写法", Kind.CHOICE, "", DAY_FORMATS),
        RuleKey("payments.answer.results", "回盘结果代码", Kind.LIST, "", (), results, conditions=RESULTS),
    ]
