"""The sample of a frame by the method of the monthly draw: this command repeats any of our draws."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from supervision.sampling import BadInput, Stratum, draw, frame_sha256, parse_ratio, read_frame

BAD_INPUT = 2


class Command(BaseCommand):
    help = "从抽样框（CSV，首列 id）中抽取样本：每组 ceil(比例×总数) 件，按 sha256(种子:编号) 由小到大。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("frame", metavar="FRAME.csv", help="抽样框：UTF-8 编码，有表头，第一列为 id")
        parser.add_argument("--seed", required=True, help="种子")
        parser.add_argument("--ratio", required=True, help="比例，如 0.30，大于 0 且不超过 1")
        parser.add_argument("--stratum", metavar="COLUMN", help="按此列分组抽取")
        parser.add_argument("--json", action="store_true", dest="as_json", help="输出 JSON")

    def handle(
        self, *, frame: str, seed: str, ratio: str, stratum: str | None, as_json: bool, **_: object
    ) -> None:
        try:
            _check_seed(seed)
            share = parse_ratio(ratio)
            content = _read(frame)
            strata = draw(seed, share, read_frame(content, stratum, name=Path(frame).name))
        except BadInput as bad:
            raise CommandError(str(bad), returncode=BAD_INPUT) from None
        if as_json:
            found = {name: stratum.as_json() for name, stratum in strata.items()}
            answer = {"seed": seed, "ratio": ratio, "frame_sha256": frame_sha256(content), "strata": found}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(_table(seed, ratio, frame_sha256(content), strata)))


def _read(frame: str) -> bytes:
    try:
        return Path(frame).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInput("FRAME.csv", f"无法读取 {frame}（{reason}）。") from None


def _check_seed(seed: str) -> None:
    if not seed:
        raise BadInput("--seed", "种子不能为空。")
    try:
        seed.encode()
    except UnicodeEncodeError:
        raise BadInput("--seed", "种子不是 UTF-8 文字。") from None


def _table(seed: str, ratio: str, digest: str, strata: dict[str, Stratum]) -> list[str]:
    """The same as words: one line for each item drawn, under its group."""
    lines = [f"种子        {seed}", f"比例        {ratio}", f"抽样框散列  {digest}"]
    for name, stratum in strata.items():
        lines += ["", f"{name or '（不分组）'}：共 {stratum.count} 件，抽取 {len(stratum.drawn)} 件"]
        lines += [f"  {place}. {item}" for place, item in enumerate(stratum.drawn, start=1)]
    return lines
